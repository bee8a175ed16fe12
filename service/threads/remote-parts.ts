import type { Channel } from "../../schemas/generated.js";
import { createOutbox, type Outbox, type OutboxEntry } from "../../sinks/outbox.js";
import type { Buckets } from "../../stores/buckets/buckets.js";
import type { ThreadCalls, ThreadHandlers } from "./thread-calls.js";

/** The main thread's token buckets, for another thread: an in-memory bucket is shared by the whole process. */
export const createRemoteBuckets = ({ ask }: Pick<ThreadCalls, "ask">): Buckets => ({
  take: (...args) => ask("take", ...args) as ReturnType<Buckets["take"]>,
  pause: (...args) => ask("pause", ...args) as Promise<void>,
  close: async () => undefined,
});

interface Gathered {
  readonly entries: OutboxEntry[];
  readonly delivered: Promise<void>;
}

/** The outbox through the main thread, which alone writes its files. Entries of one turn of the event loop are sent together. */
export const createRemoteOutbox = ({ ask }: Pick<ThreadCalls, "ask">, dataDir: string): Outbox => {
  const { latest } = createOutbox(dataDir);
  const gathered = new Map<Channel, Gathered>();
  return {
    latest,
    deliver: (entry) => {
      const held = gathered.get(entry.channel);
      if (held) {
        held.entries.push(entry);
        return held.delivered;
      }
      const entries = [entry];
      const delivered = new Promise((resolve) => setImmediate(resolve)).then(async () => {
        gathered.delete(entry.channel);
        await ask("deliver", entries);
      });
      gathered.set(entry.channel, { entries, delivered });
      return delivered;
    },
  };
};

/** The main thread's handlers for the other threads. */
export const answersOfMain = (buckets: Buckets, outbox: Pick<Outbox, "deliver">): ThreadHandlers => ({
  take: (...args: Parameters<Buckets["take"]>) => buckets.take(...args),
  pause: (...args: Parameters<Buckets["pause"]>) => buckets.pause(...args),
  deliver: async (entries: readonly OutboxEntry[]) => {
    await Promise.all(entries.map((entry) => outbox.deliver(entry)));
  },
});
