import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createStallMeter } from "../../wire/stall-meter.js";
import { createStallWatch } from "../../wire/stall-watch.js";

let nowMs = 0;
const meter = () => createStallMeter(() => nowMs);

/** Time passes in steps in which timers run. */
const pass = (ms: number): void => {
  for (let left = ms; left > 0; left -= 50) {
    nowMs += 50;
    vi.advanceTimersByTime(50);
  }
};

/** Time passes in which nothing runs. */
const stall = (ms: number): void => {
  nowMs += ms;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("a meter adds up the stalls of a process, and nothing else", () => {
  const stalls = meter();
  expect(stalls.begin()).toBe(0);
  pass(10_000);
  expect(stalls.soFar()).toBe(0);
  stall(4_000);
  pass(1_500);
  stall(3_000);
  pass(1_500);
  expect(stalls.soFar()).toBeGreaterThan(6_400);
  expect(stalls.soFar()).toBeLessThanOrEqual(7_000);
});

it("a meter knows of a stall before its own timer runs", () => {
  const stalls = meter();
  stalls.begin();
  stall(5_000);
  expect(stalls.soFar()).toBeGreaterThan(4_500);
  const countedMs = stalls.soFar();
  pass(1_000);
  expect(stalls.soFar()).toBe(countedMs);
});

it("a meter wakes nobody while nothing is measured", () => {
  const stalls = meter();
  stalls.begin();
  stalls.begin();
  stalls.end();
  pass(1_000);
  expect(vi.getTimerCount()).toBe(1);
  stalls.end();
  pass(1_000);
  expect(vi.getTimerCount()).toBe(0);
  stall(60_000);
  expect(stalls.begin()).toBe(0);
});

it("a watch reports each stall once, between two uses, and rests without one", () => {
  const watch = createStallWatch(meter());
  expect(watch.wasStalled()).toBe(false);
  pass(5_000);
  expect(watch.wasStalled()).toBe(false);
  stall(4_000);
  expect(watch.wasStalled()).toBe(true);
  expect(watch.wasStalled()).toBe(false);
  pass(40_000);
  expect(vi.getTimerCount()).toBe(0);
  stall(60_000);
  expect(watch.wasStalled()).toBe(false);
});
