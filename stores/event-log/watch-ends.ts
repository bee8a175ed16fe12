import type { Database, RootDatabase } from "lmdb";

type PartitionKey = [topic: string, partition: number];

const everyMs = 100;

interface WatchOptions {
  readonly root: RootDatabase;
  /** Where each partition ends. */
  readonly ends: Database<number, PartitionKey>;
  /** Called with a topic of which a partition has grown. */
  readonly onGrowth: (topic: string) => void;
}

interface Transactions {
  readonly lastTxnId: number;
}

/** Number of the last transaction of any process. lmdb's types do not have `env`, which says it without a read transaction. */
const lastTransaction = (root: RootDatabase & { readonly env?: { info(): Transactions } }): number =>
  (root.env?.info() ?? (root.getStats() as Transactions)).lastTxnId;

/**
 * Looks for records that other processes have appended to the log, for all its consumers at once: an idle process would otherwise look for each
 * partition by itself. Where nothing was written at all, a look reads nothing. Returns what ends it.
 */
export const watchEnds = ({ root, ends, onGrowth }: WatchOptions): (() => void) => {
  const known = new Map<string, number>();
  let seen = -1;
  const look = (): void => {
    const last = lastTransaction(root);
    if (last === seen) return;
    seen = last;
    // what was read in this turn of the event loop may be older
    root.resetReadTxn();
    const grown = new Set<string>();
    for (const { key, value } of ends.getRange({})) {
      const place = `${key[0]} ${key[1]}`;
      if (known.get(place) !== value) grown.add(key[0]);
      known.set(place, value);
    }
    for (const topic of grown) onGrowth(topic);
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => clearInterval(timer);
};
