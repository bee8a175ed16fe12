import { npmPeers } from "../harness/npm-peers.js";
import { printQueueRates } from "../harness/queue-work.js";
import type { QueueWorker } from "../workers/embedded-queue.js";

/** plainjob, a queue in SQLite, on libsql. Every commit is synced to disk, as in Carillon's embedded log. */
interface Sqlite {
  pragma(text: string): unknown;
}
interface Plainjob {
  better(database: Sqlite): unknown;
  defineQueue(options: { connection: unknown; logger: object }): {
    addMany(type: string, data: readonly unknown[]): unknown;
    close(): void;
  };
  defineWorker(
    type: string,
    work: (job: { data: string }) => void,
    options: { queue: unknown; logger: object; pollInterval?: number },
  ): { start(): Promise<void>; stop(): Promise<void> };
}

const { folder, count, batch } = JSON.parse(process.argv[2] ?? "{}") as QueueWorker;
const load = await npmPeers();
const Database = load("libsql") as new (path: string) => Sqlite;
const { better, defineQueue, defineWorker } = load("plainjob") as Plainjob;
const quiet = () => undefined;
const logger = { error: console.error, warn: quiet, info: quiet, debug: quiet };
const database = new Database(`${folder}/queue.db`);
const queue = defineQueue({ connection: better(database), logger });
database.pragma("synchronous = FULL"); // its default is NORMAL, which may lose the latest commits in a power failure

const text = "x".repeat(1_000);
const begin = performance.now();
for (let start = 0; start < count; start += batch)
  queue.addMany(
    "message",
    Array.from({ length: batch }, (_, index) => ({ index: start + index, text })),
  );
const takenMs = performance.now() - begin;
let done = 0;
const worked = new Promise<void>((resolve) => {
  const worker = defineWorker(
    "message",
    () => {
      done += 1;
      if (done === count) resolve();
    },
    { queue, logger, pollInterval: 1 },
  );
  void worker.start();
});
await worked;
const totalMs = performance.now() - begin;
printQueueRates(count, takenMs, totalMs);
process.exit(0);
