import type { Config } from "../config/schema.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import { allProviders, type Providers } from "../sinks/providers/providers.js";
import { definitionOf } from "../sinks/providers/registry.js";
import type { Clock } from "../stores/clock.js";
import type { ScheduledJob } from "../stores/jobs/jobs.js";
import type { Stores } from "../stores/stores.js";
import { pullReceipts } from "./pull-receipts.js";
import { readReceiptLog } from "./read-receipt-log.js";

interface ReceiptProviders {
  readonly providers: Providers;
  readonly tools: ProviderTools;
}

/** Receives receipts from queues and separate connections. Resolves with a function that stops it. */
export const startReceiptSources = async (config: Config, { providers, tools }: ReceiptProviders): Promise<() => Promise<void>> => {
  if (!config.runtime.receiptSources) return async () => undefined;
  const stops = await Promise.all(
    allProviders(providers).map(({ name, channel }) => {
      const options = config.providers[name];
      const definition = options && definitionOf(options.type);
      return options && definition?.listen?.({ name, channel }, options, tools);
    }),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop?.()));
  };
};

/** Queries providers for missing receipts, and reads their logs. */
export const receiptJobs = (
  config: Config,
  stores: Stores,
  { providers, tools }: ReceiptProviders,
  clock: Clock,
): readonly ScheduledJob[] =>
  allProviders(providers).flatMap((provider) => {
    const { name, channel, pull, receiptLog } = provider;
    const { pattern, afterMs } = config.providers[name]?.pull ?? { pattern: "", afterMs: 0 };
    const { lineage, cells } = stores;
    const { receive, answered } = tools;
    const asks: ScheduledJob = {
      name: `pull-${channel}-${name}`,
      pattern,
      run: async (signal) => {
        await pullReceipts(provider, afterMs, { lineage, cells, clock, answered }, signal);
      },
    };
    const reads: ScheduledJob = {
      name: `receipt-log-${channel}-${name}`,
      pattern: config.jobs.receiptLogPattern,
      run: async (signal) => {
        await readReceiptLog(provider, { cells, receive }, signal);
      },
    };
    return [...(pull && pattern ? [asks] : []), ...(receiptLog ? [reads] : [])];
  });
