import { expect, it } from "vitest";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { passTime, whileTimePasses } from "./pass-time.js";

it("time passes in steps, so that a sleep that follows another ends in its turn", async () => {
  const clock = createVirtualClock();
  const ended: number[] = [];
  const sleeps = async (): Promise<void> => {
    for (let round = 1; round <= 3; round += 1) {
      await clock.sleep(10);
      ended.push(round);
    }
  };
  const all = sleeps();
  await passTime(clock, 25);
  expect(ended).toEqual([1, 2]);
  await whileTimePasses(clock, all);
  expect(ended).toEqual([1, 2, 3]);
});

it("work that never ends is an error at the bound, and failed work fails", async () => {
  const clock = createVirtualClock();
  await expect(whileTimePasses(clock, new Promise(() => undefined), 20)).rejects.toThrow("within 20 ms");
  const failing = clock.sleep(5).then(() => Promise.reject(new Error("failed")));
  await expect(whileTimePasses(clock, failing)).rejects.toThrow("failed");
});
