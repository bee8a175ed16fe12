// Your own provider: this one writes each SMS to standard output. Carillon does the rest, as for every provider: it validates, routes,
// retries, fails over and records the lineage.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, loadConfig, type Provider, startCarillon, waitUntilFinal } from "carillon";
import { createHttpClient } from "carillon-client";

const printer: Provider = {
  name: "printer",
  channel: "sms",
  // accepted: a receipt will follow. delivered: the result is final. Failures state whether another attempt can succeed.
  send: async ({ to, content }) => {
    console.log(`SMS to ${to}: ${content.text}`);
    return { kind: "delivered", providerMessageId: null };
  },
  healthCheck: async () => "writes to standard output",
  close: async () => undefined,
};

const dataDir = await mkdtemp(join(tmpdir(), "carillon-example-"));
const config = loadConfig({ environment: {}, overrides: { dataDir, http: { port: 0 } } });
const carillon = await startCarillon({
  config,
  logger: createLogger("warn", config.instance),
  providers: (configured) => ({ ...configured, sms: [printer] }),
});
assert(carillon.url);
const client = createHttpClient({ url: carillon.url });
const result = await client.send({ channel: "sms", to: "+14155550100", content: { text: "Your code is 492 113" } });
assert(result.accepted);
const { status, provider } = await waitUntilFinal(carillon.stores.lineage, result.id);
console.log(`${status} by ${provider}`);
assert.equal(status, "delivered");

await client.close();
await carillon.stop();
await rm(dataDir, { recursive: true });
