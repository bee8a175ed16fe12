// A Carillon in a separate process. Its SMS provider ends the thread that calls it. Also the module of these threads.
import { isMainThread } from "node:worker_threads";
import { createLogger } from "../../dist/operations/telemetry/logger.js";
import { startCarillon } from "../../dist/service/carillon.js";
import { loadConfig } from "../../dist/service/load-config.js";

const hoard = () => {
  const kept = [];
  for (;;) kept.push(new Array(100_000).fill({}));
};

/** Ends the thread in the way that the message's text selects. */
const send = async ({ content }) => {
  setImmediate(() => {
    if (content.text === "hoard") hoard();
    throw new Error("a library threw where nobody could catch it");
  });
  return new Promise(() => undefined);
};

const crashing = { name: "crashing", channel: "sms", send, healthCheck: async () => "crashing", close: async () => undefined };

export const threadOptions = () => ({ providers: (configured) => ({ ...configured, sms: [crashing] }) });

if (isMainThread) {
  const config = loadConfig({ overrides: { runtime: { threads: 2 } } });
  const logger = createLogger("warn", config.instance);
  const { url } = await startCarillon({ config, logger, ...threadOptions(), threadModule: import.meta.url });
  process.stdout.write(`ready at ${url}\n`);
}
