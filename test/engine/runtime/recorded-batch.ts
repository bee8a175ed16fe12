import { runBatch } from "../../../engine/runtime/batch-runner.js";
import type { Effects } from "../../../engine/runtime/effects.js";
import type { LogRecord, OutgoingRecord, RecordBatch } from "../../../stores/event-log/event-log.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { whileTimePasses } from "../../support/pass-time.js";
import { promisedHandler } from "../../support/promised-handler.js";

/** The clock of all runs. */
export const clock = createVirtualClock();

const record = (offset: number, key: string): LogRecord => ({
  topic: "t",
  partition: 0,
  offset,
  key: Buffer.from(key),
  value: Buffer.from(String(offset)),
  headers: {},
  timestampMs: 0,
});
/** Effects with one output, whose value is the offset. */
export const effectsOf = (offset: number): Effects => ({
  outputs: [{ topic: "out", key: null, value: Buffer.from(String(offset)) }],
  schedules: [],
  cancels: [],
});
const text = (records: readonly OutgoingRecord[]): string[] => records.map(({ value }) => value?.toString() ?? "");

/** A batch that records its calls. */
export const createBatch = (keys: readonly string[], firstOffset = 10) => {
  const stop = new AbortController();
  const commits: number[] = [];
  const out: string[] = [];
  const log: string[] = [];
  const batch: RecordBatch = {
    topic: "t",
    partition: 0,
    records: keys.map((key, index) => record(firstOffset + index, key)),
    signal: stop.signal,
    progress: () => undefined,
    append: async (outputs) => {
      out.push(...text(outputs));
      log.push(`out ${text(outputs).join(",")}`);
    },
    commit: async (next, outputs) => {
      out.push(...text(outputs));
      commits.push(next);
      log.push(`commit ${next}${outputs.length > 0 ? ` with ${text(outputs).join(",")}` : ""}`);
    },
  };
  return { batch, stop, commits, out, log };
};

/** A run that advances only with the test's clock. */
export const start = (
  batch: RecordBatch,
  handle: Parameters<typeof promisedHandler>[0],
  more: Partial<Parameters<typeof runBatch>[1]> = {},
): Promise<void> =>
  runBatch(
    batch,
    { guarantee: "at_least_once", concurrency: 4, drainMs: 200, commitEveryMs: 20, ...more },
    { handle: promisedHandler(handle), timers: { schedule: async () => undefined, cancel: async () => undefined }, clock },
  );
export const run: typeof start = (...given) => whileTimePasses(clock, start(...given));
