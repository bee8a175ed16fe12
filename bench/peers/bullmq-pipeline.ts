import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

/**
 * The pipeline as BullMQ queues: intake and dispatch, with one worker each, and as many lineage records as Carillon emits, in a Redis
 * stream. Seen requests and claims are keys in the same Redis. Removes finished jobs, as BullMQ recommends.
 */
export interface BullmqPipeline {
  readonly redis: string;
  readonly prefix: string;
  readonly concurrency: number;
}

interface Message {
  readonly id: string;
  readonly to: string;
  readonly content: { readonly text: string | null };
  /** 1 comes first; absent: in order of arrival. */
  readonly priority?: number;
  readonly sentAtMs?: number;
}

const { redis, prefix, concurrency } = JSON.parse(process.argv[2] ?? "{}") as BullmqPipeline;
const { hostname, port } = new URL(redis);
const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null, enableAutoPipelining: true };
const client = new Redis({ ...connection });
const queueOf = (name: string): Queue => new Queue(name, { connection, prefix, defaultJobOptions: { removeOnComplete: true } });
const dispatch = queueOf("dispatch");

const tell = async (id: string, steps: readonly string[]): Promise<void> => {
  const events = steps.map((step) => ({ eventId: `${id}:${step}`, messageId: id, tenant: "bench", at: Date.now() }));
  await client.xadd(`${prefix}:lineage`, "*", "events", JSON.stringify(events));
};

const optionsOf = ({ priority }: Message): { priority?: number } => (priority === undefined ? {} : { priority });

const stages: Readonly<Record<string, (message: Message) => Promise<void>>> = {
  intake: async (message) => {
    if ((await client.set(`${prefix}:request:${message.id}`, "1", "PX", 86_400_000, "NX")) === null) return;
    if (message.to === "" || message.content.text === null) return;
    await tell(message.id, ["accept", "validate", "enrich", "route"]);
    await dispatch.add("message", { ...message, attempt: 1 }, optionsOf(message));
  },
  dispatch: async ({ id, sentAtMs }) => {
    if ((await client.set(`${prefix}:claim:${id}:1`, "claimed", "PX", 86_400_000, "NX")) === null) return;
    await client.set(`${prefix}:claim:${id}:1`, "delivered", "PX", 86_400_000); // the provider answers immediately
    if ((await client.set(`${prefix}:final:${id}`, "delivered", "PX", 86_400_000, "NX")) === null) return;
    await tell(id, ["dispatch", "feedback"]);
    if (sentAtMs !== undefined) await client.lpush(`${prefix}:latency`, Date.now() - sentAtMs);
    await client.incr(`${prefix}:delivered`);
  },
};

const workers = Object.entries(stages).map(
  ([name, stage]) =>
    new Worker<Message>(name, (job) => stage(job.data), { connection, prefix, concurrency, removeOnComplete: { count: 0 } }),
);
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
console.log(JSON.stringify({ ready: true }));
process.once("SIGTERM", () => void Promise.all(workers.map((worker) => worker.close())).then(() => process.exit(0)));
