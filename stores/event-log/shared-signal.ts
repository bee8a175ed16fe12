import type { RootDatabase } from "lmdb";
import type { ThreadSignals } from "../thread-signals.js";
import { createSignal, type TopicSignal } from "./topic-signal.js";

/** Wakes consumers that wait for a topic, in this thread and in the other threads of the process. */
export interface SharedSignal extends TopicSignal {
  /** Wakes the consumers of all these topics, in all threads. */
  raiseEverywhere(byTopic: ReadonlyMap<string, unknown>): void;
  stop(): void;
}

const topicsSignal = "topics";

export const createSharedSignal = (root: RootDatabase, signals: Pick<ThreadSignals, "publish" | "subscribe"> | undefined): SharedSignal => {
  const { raise, wait } = createSignal();
  const unsubscribe = signals?.subscribe(topicsSignal, (names) => {
    // this thread's snapshot from the current turn of its event loop may be older than the other thread's writes
    root.resetReadTxn();
    for (const topic of names as readonly string[]) raise(topic);
  });
  return {
    raise,
    wait,
    raiseEverywhere: (byTopic) => {
      for (const topic of byTopic.keys()) raise(topic);
      if (byTopic.size > 0) signals?.publish(topicsSignal, [...byTopic.keys()]);
    },
    stop: () => unsubscribe?.(),
  };
};
