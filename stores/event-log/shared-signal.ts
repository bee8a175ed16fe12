import type { RootDatabase } from "lmdb";
import type { ThreadSignals } from "../thread-signals.js";
import { type ArrivalSignal, createArrivalSignal } from "./arrival-signal.js";

/** Wakes the consumers of partitions, in this thread and in the other threads of the process. */
export interface SharedSignal extends ArrivalSignal {
  /** Wakes the consumers of all these partitions, by topic, in all threads. */
  raiseEverywhere(byTopic: ReadonlyMap<string, ReadonlyMap<number, unknown>>): void;
  stop(): void;
}

const arrivals = "arrivals";

type Arrivals = readonly (readonly [topic: string, partitions: readonly number[]])[];

export const createSharedSignal = (root: RootDatabase, signals: Pick<ThreadSignals, "publish" | "subscribe"> | undefined): SharedSignal => {
  const { raise, wait } = createArrivalSignal();
  const raiseAll = (all: Arrivals): void => {
    for (const [topic, partitions] of all) for (const partition of partitions) raise(topic, partition);
  };
  const unsubscribe = signals?.subscribe(arrivals, (all) => {
    // this thread's snapshot from the current turn of its event loop may be older than the other thread's writes
    root.resetReadTxn();
    raiseAll(all as Arrivals);
  });
  return {
    raise,
    wait,
    raiseEverywhere: (byTopic) => {
      const all = [...byTopic].map(([topic, partitions]) => [topic, [...partitions.keys()]] as const);
      raiseAll(all);
      if (all.length > 0) signals?.publish(arrivals, all);
    },
    stop: () => unsubscribe?.(),
  };
};
