import { describe, expect, it } from "vitest";
import { withDrainDeadline } from "../../../engine/runtime/drain-deadline.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const forever = new Promise<never>(() => undefined);

describe("work that is to end when a process stops", () => {
  it("is given up once the stop is longer ago than the drain may take, and not before", async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    let failure: unknown;
    const work = withDrainDeadline(forever, { signal: stop.signal, drainMs: 2_000, clock, what: "bell" }).catch((error: unknown) => {
      failure = error;
    });
    clock.advance(100_000);
    stop.abort();
    clock.advance(1_999);
    await Promise.resolve();
    expect(failure).toBeUndefined();
    clock.advance(1);
    await work;
    expect(failure).toMatchObject({ code: "STAGE_TIMEOUT", retryable: true, message: "bell did not end within 2000 ms after the stop" });
  });

  it("is given the same time where the stop came before it", async () => {
    const clock = createVirtualClock();
    const work = withDrainDeadline(forever, { signal: AbortSignal.abort(), drainMs: 10, clock, what: "bell" });
    clock.advance(10);
    await expect(work).rejects.toMatchObject({ code: "STAGE_TIMEOUT" });
  });

  it("resolves and rejects as the work does, and leaves no timer", async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const options = { signal: stop.signal, drainMs: 10, clock, what: "bell" };
    stop.abort();
    expect(await withDrainDeadline(Promise.resolve(1), options)).toBe(1);
    await expect(withDrainDeadline(Promise.reject(new Error("broken")), options)).rejects.toThrow("broken");
    clock.advance(1_000);
  });
});
