import type { Provider, Report } from "../processors/provider.js";
import type { ProviderIdentity } from "../sinks/providers/definition.js";
import type { Cells } from "../stores/cells/cells.js";

export interface NewsDependencies {
  readonly cells: Cells;
  /** Resolves once the log has them. */
  readonly report: (identity: ProviderIdentity, reports: readonly Report[]) => Promise<void>;
}

const keepMs = 30 * 86_400_000;
const mostPages = 1_000;

/** Reads what a provider's own log says since it was last read. The cursor moves only once our log has what was read. */
export const readNews = async (provider: Provider, { cells, report }: NewsDependencies, signal: AbortSignal): Promise<number> => {
  const { news, name, channel } = provider;
  if (!news) return 0;
  const group = `news:${channel}`;
  let cursor = await cells.get(group, name);
  let count = 0;
  for (let pages = 0; pages < mostPages && !signal.aborted; pages += 1) {
    const page = await news.next(cursor, signal);
    if (page.reports.length > 0) await report({ name, channel }, page.reports);
    count += page.reports.length;
    cursor = page.cursor;
    await cells.set(group, name, cursor, keepMs);
    if (!page.more) break;
  }
  return count;
};
