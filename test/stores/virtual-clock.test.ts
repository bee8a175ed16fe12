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

  it("ends a sleep at once when its signal aborts", async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const slept = clock.sleep(1_000, stop.signal);
    stop.abort();
    await slept;
    await clock.sleep(1_000, stop.signal);
  });
});
