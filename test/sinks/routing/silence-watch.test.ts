import { expect, it } from "vitest";
import { createSilenceWatch } from "../../../sinks/routing/silence-watch.js";
import { Slots } from "../../../sinks/routing/slots.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { passTime } from "../../support/pass-time.js";

const policy = { breaker: { failures: 2, openMs: 1_000, maxOpenMs: 1_000, probes: 1 }, stallMs: 5_000 };

const start = () => {
  const clock = createVirtualClock();
  const slots = new Slots(9, 9);
  const begunMs = clock.now();
  const silentAtMs: number[] = [];
  const watch = createSilenceWatch(slots, policy, clock, () => silentAtMs.push(clock.now() - begunMs));
  const call = (): (() => void) => {
    const slot = slots.enter("acme", clock.now());
    watch.began();
    return () => {
      if (slot) slots.leave(slot);
      watch.ended();
    };
  };
  return { clock, silentAtMs, call };
};

it("reports as many calls that are unanswered for the whole time, and again while that lasts", async () => {
  const { clock, silentAtMs, call } = start();
  const ends = [call(), call()];
  await passTime(clock, 7_000, 100);
  expect(silentAtMs).toEqual([5_000, 6_000, 7_000]);
  for (const end of ends) end();
  expect(clock.nextInMs()).toBeUndefined();
});

it("counts the time of each call", async () => {
  const { clock, silentAtMs, call } = start();
  call();
  await passTime(clock, 4_000, 100);
  const second = call();
  await passTime(clock, 4_000, 100);
  second();
  call();
  await passTime(clock, 4_900, 100);
  expect(silentAtMs).toEqual([]);
  await passTime(clock, 100, 100);
  expect(silentAtMs).toEqual([13_000]);
});

it("gives calls the whole time again after a stall of the process", async () => {
  const { clock, silentAtMs, call } = start();
  call();
  call();
  await passTime(clock, 4_000, 100);
  clock.advance(60_000);
  await passTime(clock, 5_000, 100);
  expect(silentAtMs).toEqual([]);
  await passTime(clock, 6_000, 100);
  expect(silentAtMs.length).toBeGreaterThan(0);
});
