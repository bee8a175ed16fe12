import type { Provider } from "../processors/provider.js";
import type { ProviderIdentity, ProviderTools } from "../sinks/providers/definition.js";
import type { Cells } from "../stores/cells/cells.js";
import type { Clock } from "../stores/clock.js";
import { keys } from "../stores/keys.js";
import { collectionOf, type LineageStore, type MessageDocument } from "../stores/lineage-store/lineage-store.js";

export interface PullDependencies {
  readonly lineage: Pick<LineageStore, "query">;
  readonly cells: Cells;
  readonly clock: Pick<Clock, "now">;
  readonly answered: ProviderTools["answered"];
  /** Called after every page. */
  readonly onProgress?: (identity: ProviderIdentity, progress: PullProgress) => void;
}

export interface PullProgress {
  /** Messages queried so far, including previous runs that this one continues. */
  readonly asked: number;
  /** Number of receipts in the answers. */
  readonly reported: number;
}

const pageSize = 500;
const cursorKeepMs = 7 * 86_400_000;

interface Cursor extends PullProgress {
  readonly after: string;
}

const start: Cursor = { after: "", asked: 0, reported: 0 };

/** The provider's own id of the latest attempt with it. */
const providerMessageIdOf = ({ lineage }: MessageDocument, provider: string): string | undefined =>
  lineage.findLast((step) => step.stage === "dispatch" && step.provider === provider && step.details.providerMessageId)?.details
    .providerMessageId;

const bundles = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

/**
 * Queries a provider for accepted messages without a receipt, page by page. A stopped run continues in the next one. Rejects if the
 * provider cannot be queried now. Resolves with the progress.
 */
export const pullReceipts = async (
  provider: Provider,
  silentForMs: number,
  { lineage, cells, clock, answered, onProgress }: PullDependencies,
  signal: AbortSignal,
): Promise<PullProgress> => {
  const { pull, name, channel } = provider;
  if (!pull) return start;
  const identity = { name, channel };
  const group = keys.cells.pull(channel);
  let cursor: Cursor = JSON.parse((await cells.get(group, name)) ?? JSON.stringify(start)) as Cursor;
  while (!signal.aborted) {
    const page = await lineage.query(
      collectionOf(channel),
      { final: false, provider: name, updatedAt: { $lt: new Date(clock.now() - silentForMs) }, _id: { $gt: cursor.after } },
      { sort: { _id: 1 }, limit: pageSize },
    );
    const last = page.at(-1);
    if (!last) break;
    const ids = page.flatMap((document) => providerMessageIdOf(document, name) ?? []);
    let reported = 0;
    for (const bundle of bundles(ids, pull.maxIds)) {
      const readings = await pull.fetchReceipts(bundle, signal);
      if (readings.length > 0) await answered(identity, readings);
      reported += readings.filter(({ kind }) => kind === "receipt").length;
    }
    cursor = { after: last._id, asked: cursor.asked + ids.length, reported: cursor.reported + reported };
    await cells.set(group, name, JSON.stringify(cursor), cursorKeepMs);
    onProgress?.(identity, cursor);
    if (page.length < pageSize) break;
  }
  if (!signal.aborted) await cells.remove(group, name);
  return { asked: cursor.asked, reported: cursor.reported };
};
