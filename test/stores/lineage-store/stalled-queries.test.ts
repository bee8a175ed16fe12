import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import type { LmdbDocuments } from "../../../stores/lineage-store/lmdb/lmdb-documents.js";
import { createLmdbReader } from "../../../stores/lineage-store/lmdb/lmdb-reader.js";
import { createWorkerReader, type WorkerQuestion } from "../../../stores/lineage-store/lmdb/worker-reader.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { settled } from "../../support/pass-time.js";

const deadlineMs = 5_000;

class FakeWorker extends EventEmitter {
  readonly asked: WorkerQuestion[] = [];
  ended = false;
  postMessage(question: WorkerQuestion): void {
    this.asked.push(question);
  }
  async terminate(): Promise<number> {
    this.ended = true;
    return 0;
  }
  unref(): void {}
}

const start = () => {
  const clock = createVirtualClock();
  const worker = new FakeWorker();
  const reader = createWorkerReader({ path: "", deadlineMs, threads: 1 }, { clock, startWorker: () => worker });
  return { clock, worker, reader };
};

it("a query is not refused for a stall of the thread that waits for it: its answer may have arrived", async () => {
  const { clock, worker, reader } = start();
  const count = reader.count("messages_sms", {});
  worker.emit("message", { id: 1, begun: true });
  clock.advance(60_000); // timers run before messages are read
  await settled();
  worker.emit("message", { id: 1, value: 7 });
  expect(await count).toBe(7);
  expect(worker.ended).toBe(false);
  await reader.close();
});

it("a query that exceeds its deadline is refused, and its thread is terminated", async () => {
  const { clock, worker, reader } = start();
  const refused = expect(reader.count("messages_sms", {})).rejects.toMatchObject({ code: "FILTER_TOO_SLOW" });
  worker.emit("message", { id: 1, begun: true });
  clock.advance(deadlineMs + 1_000);
  await refused;
  expect(worker.ended).toBe(true);
});

/** A filter that no index answers. */
const filter = { to: { $ne: "bob" } };

/** Documents that each take this long to read. */
const documentsOf = (tookMs: readonly number[]): LmdbDocuments => {
  const read = function* () {
    for (const [index, ms] of tookMs.entries()) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      yield { _id: String(index), to: "ann" };
    }
  };
  return { read } as unknown as LmdbDocuments;
};

it("a query continues after a stall of its own process", async () => {
  const reader = createLmdbReader(documentsOf([0, 400, 0]), 200);
  expect(await reader.count("messages_sms", filter)).toBe(3);
});

it("a query whose documents take too long together is refused", async () => {
  const reader = createLmdbReader(documentsOf(Array(12).fill(30)), 200);
  await expect(reader.count("messages_sms", filter)).rejects.toMatchObject({ code: "FILTER_TOO_SLOW" });
});
