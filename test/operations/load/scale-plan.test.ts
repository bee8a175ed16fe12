import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import type { Queue } from "../../../engine/queue.js";
import { type MeasuredQueue, planScale } from "../../../operations/load/scale-plan.js";
import { createLoadReport, readLoads, type WorkerLoad } from "../../../operations/load/worker-load.js";
import { loadConfig } from "../../../service/load-config.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { systemClock } from "../../../stores/clock.js";
import { allDeliveryQueues } from "../../../topology/delivery-queues.js";
import { eventually } from "../../support/eventually.js";

const config = loadConfig({ environment: {} });
const target = { ageMs: 5_000, peak: 1 };
const sms = "dispatch/dispatch.sms.critical";
const queues = allDeliveryQueues(config);
const queueOf = (recommended: string): Queue => {
  const found = queues.find(({ name }) => name === recommended);
  if (!found) throw new Error(`no queue ${recommended}`);
  return found;
};
const measured = (queue: string, inPerSecond: number, lag = 0): MeasuredQueue => ({
  queue: queueOf(queue),
  inPerSecond,
  lag,
  oldestMs: lag > 0 ? 1_000 : null,
});
/** A thread with this utilization over ten seconds, with this number of records of this duration. */
const load = (queue: string, records: number, eachMs: number, busy: number): WorkerLoad => ({
  spanMs: 10_000,
  busy,
  queues: { [queue]: { records, inFlightMs: records * eachMs } },
});
const planOf = (queues: readonly MeasuredQueue[], loads: readonly WorkerLoad[], goal = target) => planScale(queues, loads, goal)[0];

describe("planScale", () => {
  it("gives a slow provider partitions, by Little's law", () => {
    // 100 per second of 2 s each are 200 in flight; 64 per partition at seven tenths: five partitions
    expect(planOf([measured(sms, 100)], [load(sms, 1_000, 2_000, 0.05)])).toMatchObject({
      part: "lanes.critical",
      inFlightMs: 2_000,
      recommended: { partitions: 5, replicas: 1 },
      note: null,
    });
  });

  it("gives a busy thread company", () => {
    // 1,000 records used 8 s of CPU: 8 ms each; 300 per second are 2.4 threads, at seven tenths 3.4
    const plan = planOf([measured(sms, 300)], [load(sms, 1_000, 10, 0.8)]);
    expect(plan).toMatchObject({ cpuMs: 8, recommended: { replicas: 4 } });
    expect(plan?.recommended?.partitions).toBeGreaterThanOrEqual(4);
  });

  it("has what waits gone within the target", () => {
    const idle = planOf([measured(sms, 10)], [load(sms, 1_000, 10, 0.8)]);
    const behind = planOf([measured(sms, 10, 5_000)], [load(sms, 1_000, 10, 0.8)]);
    expect(idle?.recommended?.replicas).toBe(1);
    expect(behind?.recommended?.replicas).toBe(12); // 1,010 per second of 8 ms each
  });

  it("never takes partitions away, and plans for the peak that is asked for", () => {
    const quiet = planOf([measured(sms, 0.1)], [load(sms, 10, 5, 0.01)]);
    expect(quiet).toMatchObject({ current: { partitions: 2 }, recommended: { partitions: 2, consumers: 1, replicas: 1 } });
    expect(planOf([measured(sms, 100)], [load(sms, 1_000, 10, 0.8)], { ...target, peak: 5 })?.recommended?.replicas).toBe(6);
  });

  it("shares a thread's time among what it handled", () => {
    const bulk = "dispatch/dispatch.sms.bulk";
    const queues = { [sms]: { records: 100, inFlightMs: 1_000 }, [bulk]: { records: 900, inFlightMs: 9_000 } };
    const [critical] = planScale([measured(sms, 10), measured(bulk, 90)], [{ spanMs: 10_000, busy: 0.5, queues }], target);
    expect(critical?.cpuMs).toBe(5);
  });

  it("says what it does not know, and what no size mends", () => {
    expect(planOf([measured(sms, 0)], [])).toMatchObject({ recommended: null, inFlightMs: null });
    expect(planOf([measured(sms, 1)], [load(sms, 10, 8_000, 0.01)])?.note).toContain("longer than the target");
  });

  it("has a part of the configuration for every queue", () => {
    const parts = new Set(queues.map(({ sizedBy }) => sizedBy));
    expect([...parts].sort()).toEqual([
      "lanes.bulk",
      "lanes.critical",
      "lanes.high",
      "lanes.normal",
      "lineage",
      "receipts",
      "tenantTopics",
      "webhooks",
    ]);
  });
});

describe("what workers tell of their load", () => {
  it("is added up by queue, and read by all", async () => {
    const cells = createMemoryCells(systemClock);
    const report = createLoadReport(cells, "worker-1", 20);
    report.handled({ queue: { name: sms }, records: 1, inFlightMs: 30 });
    report.handled({ queue: { name: sms }, records: 2, inFlightMs: 50 });
    const loads = await eventually(
      () => readLoads(cells),
      (told) => told.get("worker-1")?.queues[sms] !== undefined,
    );
    report.stop();
    expect(loads.get("worker-1")?.queues).toEqual({ [sms]: { records: 3, inFlightMs: 80 } });
    const busy = loads.get("worker-1")?.busy;
    expect(busy).toBeGreaterThan(0);
    // over all threads of the process, including tests: at most the number of cores, within the accuracy of a short span
    expect(busy).toBeLessThanOrEqual(availableParallelism() + 0.5);
  });
});
