import type { ConfigInput } from "../../config/schema.js";
import type { Channel } from "../../schemas/generated.js";
import type { StartOptions } from "../../service/start-options.js";
import { systemClock } from "../../stores/clock.js";
import { messageOf } from "../harness/preload.js";

/** A Carillon whose providers deliver immediately or after a fixed time, so that only Carillon itself is measured. */
export interface CarillonWorker {
  readonly config: ConfigInput;
  /** Answer time of each channel's provider, in milliseconds; null: it never answers. */
  readonly answersAfterMs?: Readonly<Partial<Record<Channel, number | null>>>;
  /** The name of the provider that accepts SMS and reports delivery by receipt. */
  readonly acceptsAs?: string;
  /** Recipients with this prefix get no answer. */
  readonly hangsFor?: string;
  /** Number of messages that it accepts itself, as fast as it processes them. */
  readonly feed?: number;
}

/** Users run the build, so the build is measured. */
const built = <Module>(path: string): Promise<Module> => import(new URL(`../../dist/${path}`, import.meta.url).href) as Promise<Module>;
const { loadConfig } = await built<typeof import("../../service/load-config.js")>("service/load-config.js");
const { startCarillon } = await built<typeof import("../../service/carillon.js")>("service/carillon.js");
const { createAccepter } = await built<typeof import("../../sources/accepter.js")>("sources/accepter.js");
const { createLogger } = await built<typeof import("../../operations/telemetry/logger.js")>("operations/telemetry/logger.js");

const { config: overrides, feed = 0, ...answering } = JSON.parse(process.argv[2] ?? "{}") as CarillonWorker;

/** Each thread creates its providers with this module. The URL contains their options. */
const providersUrl = new URL(`instant-providers.js?options=${encodeURIComponent(JSON.stringify(answering))}`, import.meta.url).href;
const { threadOptions, sentCount } = (await import(providersUrl)) as {
  threadOptions(): Required<Pick<StartOptions, "providers">>;
  sentCount(): number;
};

const config = loadConfig({ environment: {}, overrides: { http: { enabled: false }, ...overrides } });
const carillon = await startCarillon({
  config,
  logger: createLogger("silent", config.instance),
  ...threadOptions(),
  // the feeding loop counts the sends of this thread
  ...(feed === 0 ? { threadModule: providersUrl } : {}),
});
console.log(JSON.stringify({ ready: true, url: carillon.url }));
process.once("SIGTERM", () => void carillon.stop().then(() => process.exit(0)));

const [bite, mostWaiting] = [500, 10_000];
const accepter = createAccepter(carillon.assembly, "command line", carillon.stores.log, systemClock);
for (let accepted = 0; accepted < feed; accepted += bite) {
  while (accepted - sentCount() > mostWaiting) await systemClock.sleep(5);
  const messages = Array.from({ length: Math.min(bite, feed - accepted) }, (_, index) => messageOf(accepted + index));
  await accepter.accept(messages, "bench");
}
