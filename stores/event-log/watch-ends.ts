import type { Database, RootDatabase } from "lmdb";

type PartitionKey = [topic: string, partition: number];

const everyMs = 100;
/** Without records of another process for some time, it polls less often: each wake-up costs an idle process. */
const [idleEveryMs, idleAfterMs] = [500, 10_000];

/**
 * A transaction's id is known before its data can be read: LMDB writes the id, syncs it, and only then lets readers have the new snapshot.
 * So the data is read again for some time after each transaction, and sometimes even without one. Source: mdb_env_write_meta, mdb_env_info.
 */
const [settlesMs, anywayEveryMs] = [2_000, 10_000];

interface WatchOptions {
  readonly root: Pick<RootDatabase, "getStats" | "resetReadTxn">;
  /** The end offset of each partition. */
  readonly ends: Pick<Database<number, PartitionKey>, "getRange">;
  /** Called with each partition that has new records. */
  readonly onGrowth: (topic: string, partition: number) => void;
}

interface Transactions {
  readonly lastTxnId: number;
}

/** Id of the last transaction of any process. lmdb's types omit `env`, which returns it without a read transaction. */
const lastTransaction = (root: WatchOptions["root"] & { readonly env?: { info(): Transactions } }): number =>
  (root.env?.info() ?? (root.getStats() as Transactions)).lastTxnId;

/**
 * Polls for records that other processes have appended, for all consumers at once. Otherwise an idle process would poll each partition
 * separately. If nothing was written lately, nearly all polls read no data. Returns a function that stops it.
 */
export const watchEnds = ({ root, ends, onGrowth }: WatchOptions): (() => void) => {
  const known = new Map<string, number>();
  let seen = -1;
  let [grewAtMs, changedAtMs, readAtMs] = [performance.now(), 0, 0];
  const look = (): void => {
    const last = lastTransaction(root);
    const nowMs = performance.now();
    if (last !== seen) [seen, changedAtMs] = [last, nowMs];
    else if (nowMs - changedAtMs > settlesMs && nowMs - readAtMs < anywayEveryMs) return;
    readAtMs = nowMs;
    // the snapshot of this turn of the event loop may be older
    root.resetReadTxn();
    const grown: PartitionKey[] = [];
    for (const { key, value } of ends.getRange({})) {
      const place = `${key[0]} ${key[1]}`;
      if (known.get(place) !== value) grown.push([key[0], key[1]]);
      known.set(place, value);
    }
    if (grown.length > 0) grewAtMs = nowMs;
    for (const [topic, partition] of grown) onGrowth(topic, partition);
  };
  let timer: NodeJS.Timeout;
  const plan = (): void => {
    timer = setTimeout(
      () => {
        look();
        plan();
      },
      performance.now() - grewAtMs < idleAfterMs ? everyMs : idleEveryMs,
    );
    timer.unref();
  };
  plan();
  return () => clearTimeout(timer);
};
