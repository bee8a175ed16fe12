import type { Channel } from "../../schemas/generated.js";
import { createOutbox, type Outbox, type OutboxEntry } from "../../sinks/outbox.js";
import type { Buckets } from "../../stores/buckets/buckets.js";
import type { ThreadCalls, ThreadHandlers } from "./thread-calls.js";

/** Token buckets of the main thread, for another: a bucket in memory is one for the whole process. */
export const createRemoteBuckets = ({ ask }: Pick<ThreadCalls, "ask">): Buckets => ({
  take: (...args) => ask("take", ...args) as ReturnType<Buckets["take"]>,
  pause: (...args) => ask("pause", ...args) as Promise<void>,
  close: async () => undefined,
});

interface Gathered {
  readonly entries: OutboxEntry[];
  readonly delivered: Promise<void>;
}

/** The outbox by the main thread, which alone writes its files; entries of one turn of the event loop go together. */
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

/** What the main thread answers for the others. */
export const answersOfMain = (buckets: Buckets, outbox: Pick<Outbox, "deliver">): ThreadHandlers => ({
  take: (...args: Parameters<Buckets["take"]>) => buckets.take(...args),
  pause: (...args: Parameters<Buckets["pause"]>) => buckets.pause(...args),
  deliver: async (entries: readonly OutboxEntry[]) => {
    await Promise.all(entries.map((entry) => outbox.deliver(entry)));
  },
});
