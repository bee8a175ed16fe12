import type { Database, RootDatabase } from "lmdb";

type PartitionKey = [topic: string, partition: number];

const everyMs = 100;

interface WatchOptions {
  readonly root: RootDatabase;
  /** The end offset of each partition. */
  readonly ends: Database<number, PartitionKey>;
  /** Called with each topic that has a partition with new records. */
  readonly onGrowth: (topic: string) => void;
}

interface Transactions {
  readonly lastTxnId: number;
}

/** Id of the last transaction of any process. lmdb's types omit `env`, which returns it without a read transaction. */
const lastTransaction = (root: RootDatabase & { readonly env?: { info(): Transactions } }): number =>
  (root.env?.info() ?? (root.getStats() as Transactions)).lastTxnId;

/**
 * Polls for records that other processes have appended, for all consumers at once. Otherwise an idle process would poll each partition
 * separately. If nothing was written, a poll reads no data. Returns a function that stops it.
 */
export const watchEnds = ({ root, ends, onGrowth }: WatchOptions): (() => void) => {
  const known = new Map<string, number>();
  let seen = -1;
  const look = (): void => {
    const last = lastTransaction(root);
    if (last === seen) return;
    seen = last;
    // the snapshot of this turn of the event loop may be older
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
