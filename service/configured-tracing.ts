import type { Config } from "../config/schema.js";
import type { Origin } from "../engine/diagnostics.js";
import type { Tracing } from "../operations/telemetry/tracing.js";

/** Starts tracing if it has a URL. Its module is loaded only then, because it is large. */
export const startConfiguredTracing = async (config: Config, origin: Origin): Promise<Tracing | undefined> => {
  const { url } = config.tracing;
  if (url === null) return undefined;
  const { startTracing } = await import("../operations/telemetry/tracing.js");
  return startTracing(config, url, origin);
};
