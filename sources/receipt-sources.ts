import type { Config } from "../config/schema.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import { allProviders, type Providers } from "../sinks/providers/providers.js";
import { definitionOf } from "../sinks/providers/registry.js";
import type { Clock } from "../stores/clock.js";
import type { ScheduledJob } from "../stores/jobs/jobs.js";
import type { Stores } from "../stores/stores.js";
import { readNews } from "./news.js";
import { pullReports } from "./pull.js";

interface ReportingProviders {
  readonly providers: Providers;
  readonly tools: ProviderTools;
}

/** Hears what providers report by queues and connections of their own. Resolves with how to stop. */
export const startReceiptSources = async (config: Config, { providers, tools }: ReportingProviders): Promise<() => Promise<void>> => {
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

/** Asks providers for what they did not report, and reads the logs that they keep. */
export const receiptJobs = (
  config: Config,
  stores: Stores,
  { providers, tools }: ReportingProviders,
  clock: Clock,
): readonly ScheduledJob[] =>
  allProviders(providers).flatMap((provider) => {
    const { name, channel, pull, news } = provider;
    const { pattern, afterMs } = config.providers[name]?.pull ?? { pattern: "", afterMs: 0 };
    const { lineage, cells } = stores;
    const { receive, answered } = tools;
    const asks: ScheduledJob = {
      name: `pull-${channel}-${name}`,
      pattern,
      run: async (signal) => {
        await pullReports(provider, afterMs, { lineage, cells, clock, answered }, signal);
      },
    };
    const reads: ScheduledJob = {
      name: `news-${channel}-${name}`,
      pattern: config.jobs.newsPattern,
      run: async (signal) => {
        await readNews(provider, { cells, receive }, signal);
      },
    };
    return [...(pull && pattern ? [asks] : []), ...(news ? [reads] : [])];
  });
