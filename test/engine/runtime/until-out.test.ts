import { expect, it } from "vitest";
import { untilOut } from "../../../engine/runtime/until-out.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { whileTimePasses } from "../../support/pass-time.js";

const { signal } = new AbortController();

it("retries for a minute, then rejects with the last error", async () => {
  const clock = createVirtualClock();
  const begunMs = clock.now();
  let tries = 0;
  const append = async (): Promise<void> => {
    tries += 1;
    throw new Error(`away ${tries}`);
  };
  await expect(
    whileTimePasses(
      clock,
      untilOut(append, () => true, clock, signal),
      120_000,
      100,
    ),
  ).rejects.toThrow(/^away 1[0-9]$/);
  expect(clock.now() - begunMs).toBeGreaterThanOrEqual(60_000);
});

it("tries again although the process was stalled for the whole minute", async () => {
  const clock = createVirtualClock();
  let tries = 0;
  const append = async (): Promise<void> => {
    tries += 1;
    if (tries === 1) clock.advance(600_000);
    if (tries < 4) throw new Error("the connection is dead");
  };
  await whileTimePasses(
    clock,
    untilOut(append, () => true, clock, signal),
    10_000,
    100,
  );
  expect(tries).toBe(4);
});

it("does not retry what may not be retried, nor once it is stopped", async () => {
  const clock = createVirtualClock();
  const fail = (): Promise<void> => Promise.reject(new Error("no"));
  await expect(untilOut(fail, () => false, clock, signal)).rejects.toThrow("no");
  await expect(untilOut(fail, () => true, clock, AbortSignal.abort())).rejects.toThrow("no");
});
