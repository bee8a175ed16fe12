import { describe, expect, it } from "vitest";
import { retriedJob } from "../../stores/jobs/retried-job.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { settled, whileTimePasses } from "../support/pass-time.js";

const clock = createVirtualClock(Date.UTC(2026, 0, 1, 6, 7));
const never = new AbortController().signal;

const failing = (times: number) => {
  const runs: number[] = [];
  const run = async (): Promise<void> => {
    runs.push(clock.now());
    if (runs.length <= times) throw new Error(`failure ${runs.length}`);
  };
  return { runs, run };
};

describe("a job that failed", () => {
  it("is tried again until it succeeds, and each failure is told", async () => {
    const { runs, run } = failing(2);
    const told: unknown[] = [];
    const job = retriedJob({ name: "daily", pattern: "7 6 * * *", run }, clock, (name, error) => told.push([name, String(error)]));
    await whileTimePasses(clock, job.run(never), 3_600_000, 1_000);
    expect(runs.map((ms) => ms - (runs[0] ?? 0))).toEqual([0, 60_000, 360_000]);
    expect(told).toEqual([
      ["daily", "Error: failure 1"],
      ["daily", "Error: failure 2"],
    ]);
  });

  it("fails after four tries", async () => {
    const { runs, run } = failing(9);
    const job = retriedJob({ name: "daily", pattern: "7 6 * * *", run }, clock, () => undefined);
    await expect(whileTimePasses(clock, job.run(never), 3_600_000, 1_000)).rejects.toThrow("failure 4");
    expect(runs).toHaveLength(4);
  });

  it("leaves it to the next run where that comes sooner", async () => {
    const { runs, run } = failing(9);
    await expect(retriedJob({ name: "minutely", pattern: "* * * * *", run }, clock, () => undefined).run(never)).rejects.toThrow(
      "failure 1",
    );
    expect(runs).toHaveLength(1);
  });

  it("ends when the process stops", async () => {
    const { runs, run } = failing(9);
    const stop = new AbortController();
    const ended = retriedJob({ name: "daily", pattern: "7 6 * * *", run }, clock, () => undefined).run(stop.signal);
    const rejected = expect(ended).rejects.toThrow("failure 1");
    await settled();
    stop.abort();
    await rejected;
    expect(runs).toHaveLength(1);
  });
});
