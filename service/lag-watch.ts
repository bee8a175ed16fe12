import type { Config } from "../config/schema.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import type { Assembly } from "./assemble.js";
import { measureLag } from "./lag.js";
import type { Metrics } from "./metrics.js";

const everyMs = 15_000;

/** Keeps the lag metric up to date. Returns how to stop. */
export const watchLag = (assembly: Assembly, config: Config, log: EventLog, metrics: Metrics): (() => Promise<void>) => {
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      for (const { group, topic, lag } of await measureLag(assembly.topology, config, log)) metrics.lag.set({ group, topic }, lag);
    } catch {
      metrics.troubles.inc({ where: "lag" });
    }
    looking = undefined;
  };
  const timer = setInterval(() => {
    looking ??= look();
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
};
