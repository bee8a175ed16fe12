import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../stores/virtual-clock.js";

describe("the virtual clock", () => {
  it("moves only when told to, and wakes who waits in order of time", async () => {
    const clock = createVirtualClock(1_000);
    const woken: string[] = [];
    clock.after(300, () => woken.push("late"));
    clock.after(100, () => woken.push("early"));
    const cancel = clock.after(200, () => woken.push("cancelled"));
    const slept = clock.sleep(250).then(() => woken.push("slept"));
    cancel();
    clock.advance(99);
    expect(woken).toEqual([]);
    clock.advance(151);
    await slept;
    expect(woken).toEqual(["early", "slept"]);
    clock.advance(50);
    expect(woken).toEqual(["early", "slept", "late"]);
    expect(clock.now()).toBe(1_300);
  });

  it("returns the time until the next wake-up", () => {
    const clock = createVirtualClock();
    expect(clock.nextInMs()).toBeUndefined();
    clock.after(300, () => undefined);
    const cancel = clock.after(100, () => undefined);
    expect(clock.nextInMs()).toBe(100);
    cancel();
    clock.advance(50);
    expect(clock.nextInMs()).toBe(250);
    clock.after(0, () => undefined);
    expect(clock.nextInMs()).toBe(0);
  });

  it.each(["5", Number.NaN, Number.POSITIVE_INFINITY, undefined, -1])("refuses to advance by %s", (ms) => {
    const clock = createVirtualClock(1_000);
    expect(() => clock.advance(ms as number)).toThrow(expect.objectContaining({ code: "INPUT_INVALID", field: "ms" }));
    expect(clock.now()).toBe(1_000);
  });

  it("ends a sleep at once when its signal aborts", async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const slept = clock.sleep(1_000, stop.signal);
    stop.abort();
    await slept;
    await clock.sleep(1_000, stop.signal);
  });
});
