import type { LogRecord } from "../../stores/event-log/event-log.js";

/** Hands out a batch's records. Records with the same key are in order, and never in flight together. */
export interface KeyQueue {
  /** The index of a record that may start now. */
  take(): number | undefined;
  /** Marks the record as done, so that the next one with its key may start. */
  done(index: number): void;
}

export const createKeyQueue = (records: readonly LogRecord[]): KeyQueue => {
  const byKey = new Map<string, number[]>();
  const ready: number[] = [];
  const keys = records.map((record, index) => record.key?.toString("latin1") ?? `\0${index}`);
  for (const [index, key] of keys.entries()) {
    const queue = byKey.get(key);
    if (queue) queue.push(index);
    else {
      byKey.set(key, [index]);
      ready.push(index);
    }
  }
  let head = 0;
  return {
    take: () => (head < ready.length ? ready[head++] : undefined),
    done: (index) => {
      const queue = byKey.get(keys[index] ?? "");
      queue?.shift();
      if (queue && queue[0] !== undefined) ready.push(queue[0]);
    },
  };
};
