import { describe, expect, it } from "vitest";
import { dayOf } from "../../bench/scale/day.js";
import { peakFactor, rateAt } from "../../bench/scale/demand.js";
import { type Assumptions, assumptions, planFor } from "../../bench/scale/plan.js";
import { simulateQueue } from "../../bench/scale/queue.js";

const costs = {
  messagesPerSecond: 2_000,
  lineageCpuMicroseconds: 100,
  redisBytes: 500,
  redisCommands: 5,
  documentBytes: 2_000,
  logBytes: 4_000,
};
const queue = { seed: 1, partitions: 1, workers: 1, cpuSeconds: 0.01, seconds: 20_000, warmUpSeconds: 1_000 } as const;

describe("the queueing simulation", () => {
  it.each([0.3, 0.6, 0.8])("agrees with Pollaczek and Khinchine at a utilisation of %d", (utilisation) => {
    const perSecond = utilisation / queue.cpuSeconds;
    const expected = (utilisation * queue.cpuSeconds) / (1 - utilisation);
    const exponential = simulateQueue({ ...queue, perSecond, service: "exponential" }).meanWaitSeconds;
    const constant = simulateQueue({ ...queue, perSecond, service: "constant" }).meanWaitSeconds;
    expect(exponential / expected).toBeGreaterThan(0.95);
    expect(exponential / expected).toBeLessThan(1.05);
    expect(constant / (expected / 2)).toBeGreaterThan(0.95);
    expect(constant / (expected / 2)).toBeLessThan(1.05);
  });

  it("lets a dead worker's messages wait until it is noticed, and nobody's for ever", () => {
    const plan = { ...queue, workers: 4, partitions: 12, perSecond: 200, seconds: 300, warmUpSeconds: 0, service: "exponential" } as const;
    const calm = simulateQueue(plan);
    const died = simulateQueue({ ...plan, death: { atSecond: 100, noticedAfterSeconds: 30 } });
    expect(calm.worstWaitSeconds).toBeLessThan(1);
    expect(died.worstWaitSeconds).toBeGreaterThan(29);
    expect(died.worstWaitSeconds).toBeLessThan(45);
    expect(Math.abs(died.messages - calm.messages)).toBeLessThan(calm.messages * 0.02);
  });
});

describe("a day", () => {
  it("hands in as many messages as it has", () => {
    const all = Array.from({ length: 24 * 60 }, (_, minute) => rateAt(1_000_000, minute) * 60).reduce((sum, rate) => sum + rate, 0);
    expect(all / 1_000_000).toBeCloseTo(1, 2);
    expect(peakFactor).toBeGreaterThan(1.5);
  });

  it("keeps nothing waiting above its peak, and works a campaign off in its time", () => {
    const capacity = (peakFactor * 1_000_000) / 86_400;
    expect(dayOf(1_000_000, capacity * 1.01).worstWaitSeconds).toBe(0);
    const { waitSeconds } = dayOf(0, 100, [{ minute: 600, messages: 60_000 }]);
    expect(waitSeconds.findIndex((wait) => wait > 0)).toBe(600);
    expect(waitSeconds.filter((wait) => wait > 0).length).toBe(9);
  });
});

describe("the plan", () => {
  it("keeps every thread below its utilisation, and grows with the volume", () => {
    for (const volume of [1e6, 1e8, 1e9]) {
      const { lanes } = planFor(volume, costs);
      for (const { lane, workers, peakPerSecond, partitions } of lanes) {
        if (lane !== "bulk") expect(peakPerSecond / workers / costs.messagesPerSecond).toBeLessThanOrEqual(assumptions.utilisation);
        expect(partitions).toBeGreaterThanOrEqual(workers);
      }
    }
    const tight: Assumptions = { ...assumptions, utilisation: 0.3 };
    expect(planFor(1e9, costs, tight).redisNodesByCommands).toBeGreaterThan(planFor(1e9, costs).redisNodesByCommands);
  });
});
