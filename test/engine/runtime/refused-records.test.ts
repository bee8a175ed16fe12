import { describe, expect, it } from "vitest";
import { runBatch } from "../../../engine/runtime/batch-runner.js";
import type { Effects } from "../../../engine/runtime/effects.js";
import { Refusals } from "../../../engine/runtime/refusals.js";
import { CarillonError } from "../../../schemas/errors.js";
import { createDeliveryTestDriver } from "../../../service/delivery-test-driver.js";
import { systemClock } from "../../../stores/clock.js";
import type { Guarantee, LogRecord, OutgoingRecord, RecordBatch } from "../../../stores/event-log/event-log.js";
import { promisedHandler } from "../../support/promised-handler.js";
import { emailTo, requestOf } from "../../support/requests.js";

const refusal = (): CarillonError => new CarillonError("RECORD_REFUSED", "MESSAGE_TOO_LARGE");
const effectsOf = (value: string): Effects => ({
  outputs: [{ topic: "out", key: null, value: Buffer.from(value) }],
  schedules: [],
  cancels: [],
});
const recordAt = (offset: number): LogRecord => ({
  topic: "t",
  partition: 0,
  offset,
  key: Buffer.from(`k${offset}`),
  value: null,
  headers: {},
  timestampMs: 0,
});

/** A log that can never accept the outputs of record 3. */
const start = (guarantee: Guarantee) => {
  const out: string[] = [];
  const state = { next: 0 };
  const refusals = new Refusals();
  const take = (outputs: readonly OutgoingRecord[]): void => {
    const values = outputs.map(({ value }) => String(value));
    if (values.includes("out of 3")) throw refusal();
    out.push(...values);
  };
  const batchFrom = (from: number): RecordBatch => ({
    topic: "t",
    partition: 0,
    records: Array.from({ length: 8 - from }, (_, index) => recordAt(from + index)),
    signal: new AbortController().signal,
    progress: () => undefined,
    append: async (outputs) => take(outputs),
    commit: async (next, outputs) => {
      take(outputs);
      state.next = next;
    },
  });
  const run = async (): Promise<number> => {
    let tries = 1;
    for (; tries < 20 && state.next < 8; tries += 1) {
      await runBatch(
        batchFrom(state.next),
        { guarantee, concurrency: 4, drainMs: 200, commitEveryMs: 10 },
        {
          handle: promisedHandler(async ({ offset }) => effectsOf(`out of ${offset}`)),
          timers: { schedule: async () => undefined, cancel: async () => undefined },
          clock: systemClock,
          bury: async ({ offset }, { code }) => effectsOf(`buried ${offset}: ${code}`),
          refusals,
        },
      ).catch((error: unknown) => {
        if (!(error instanceof CarillonError) || error.code !== "RECORD_REFUSED") throw error;
      });
    }
    return tries;
  };
  return { run, out, state };
};

describe("a record whose outputs the log can never take", () => {
  it.each(["at_least_once", "at_most_once", "exactly_once"] as const)("is buried, and holds up nobody else, with %s", async (guarantee) => {
    const { run, out, state } = start(guarantee);
    expect(await run()).toBeLessThan(10);
    expect(state.next).toBe(8);
    expect(out).toContain("buried 3: RECORD_REFUSED");
    for (const offset of [0, 1, 2, 4, 5, 6, 7]) expect(out).toContain(`out of ${offset}`);
    if (guarantee === "exactly_once") expect(out).toHaveLength(8);
  });

  it("ends its message as failed, with feedback, and is kept as a dead letter", async () => {
    const driver = await createDeliveryTestDriver();
    const { write } = driver.stores.log as unknown as { write: (outputs: readonly OutgoingRecord[], ...more: unknown[]) => Promise<void> };
    Object.assign(driver.stores.log, {
      write: (outputs: readonly OutgoingRecord[], ...more: unknown[]) =>
        outputs.some(({ topic, value }) => topic.includes(".dispatch.") && (value?.length ?? 0) > 10_000)
          ? Promise.reject(refusal())
          : write(outputs, ...more),
    });
    const large = requestOf({ ...emailTo("success"), content: { subject: "s", text: "x".repeat(20_000) } }, driver.clock.now());
    const small = requestOf(emailTo("success"), driver.clock.now());
    await driver.pipe(driver.assembly.families.requests, large);
    await driver.pipe(driver.assembly.families.requests, small);
    await driver.advance(1_000);
    expect(await driver.lineage(large.id)).toMatchObject({ status: "failed", reason: "record_refused", final: true });
    expect(await driver.lineage(small.id)).toMatchObject({ status: "delivered" });
    const letters = await driver.read(driver.assembly.families.deadLetters);
    expect(letters).toMatchObject([{ topic: "carillon.requests.normal", stage: "append", errorCode: "RECORD_REFUSED" }]);
    const feedback = await driver.read(driver.assembly.families.feedback);
    expect(feedback.find(({ messageId }) => messageId === large.id)).toMatchObject({
      kind: "final",
      status: "failed",
      reason: "record_refused",
    });
  });
});
