import type { LogRecord } from "../../stores/event-log/event-log.js";

/** Hands out the records of a batch so that those of one key follow each other, and no two of one key are out at once. */
export interface KeyQueue {
  /** The index of a record that may start now. */
  take(): number | undefined;
  /** Says that the record is done, so that the next of its key may start. */
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
