import { expect, it } from "vitest";
import { createSweeper } from "../../stores/sweeper.js";
import { eventually } from "../support/eventually.js";

it("sweeps again at once while work is left, not at the next interval, and one sweep at a time", async () => {
  let [left, running, most] = [5_000, 0, 0];
  const stop = createSweeper(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    left -= 1;
    return left > 0;
  }, 50);
  await eventually(
    () => left,
    (count) => count <= 0,
    10_000,
  );
  stop();
  expect(most).toBe(1);
});

it("repeats a failed sweep at the next interval", async () => {
  let sweeps = 0;
  const stop = createSweeper(async () => {
    sweeps += 1;
    if (sweeps === 1) throw new Error("the disk is full");
    return false;
  }, 20);
  await eventually(
    () => sweeps,
    (count) => count >= 3,
  );
  stop();
});

it("stops between two sweeps", async () => {
  let sweeps = 0;
  const stop = createSweeper(async () => {
    sweeps += 1;
    if (sweeps === 10) stop();
    return true;
  }, 10);
  await eventually(
    () => sweeps,
    (count) => count === 10,
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(sweeps).toBe(10);
});
