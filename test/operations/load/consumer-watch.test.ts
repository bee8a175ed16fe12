import { describe, expect, it, vi } from "vitest";
import { queueSet } from "../../../engine/queue.js";
import { readConsumers, watchConsumers } from "../../../operations/load/consumer-watch.js";
import { createMetrics } from "../../../operations/telemetry/metrics.js";
import { CarillonError } from "../../../schemas/errors.js";
import { messageRequested } from "../../../schemas/records.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const requests = {
  name: "requests",
  record: messageRequested,
  members: [{ name: "requests.high", partitions: 4 }],
  select: () => "requests.high",
};
const [high] = queueSet("intake", requests, () => ({ consumers: 4 })).queues;
if (!high) throw new Error("no queue");
const queue = { queue: high };

describe("the watch on consumers", () => {
  it("has metrics, readiness and the command line agree", async () => {
    vi.useFakeTimers();
    try {
      const clock = createVirtualClock(0);
      const metrics = createMetrics();
      const cells = createMemoryCells(clock);
      let state = { ...queue, living: 4, trouble: undefined as CarillonError | undefined };
      const watch = watchConsumers(() => [state], cells, "a", metrics, clock);
      const other = watchConsumers(() => [{ ...state, living: 2 }], cells, "b", createMetrics(), clock);
      const pass = async (ms: number): Promise<void> => {
        for (let passed = 0; passed < ms; passed += 1_000) {
          clock.advance(1_000);
          await vi.advanceTimersByTimeAsync(1_000);
        }
      };
      await pass(2_000);
      expect(watch.assertLiving).not.toThrow();
      expect(await readConsumers(cells)).toEqual(new Map([["intake/requests.high", 6]]));

      state = { ...queue, living: 0, trouble: new CarillonError("KAFKA_DENIED", "broker kafka-7: not authorized to access group") };
      await pass(3_000);
      expect(watch.assertLiving).not.toThrow(); // a rebalance takes as long
      await pass(5_000);
      expect(watch.assertLiving).toThrow(
        expect.objectContaining({
          message: "no live consumer for intake/requests.high (broker kafka-7: not authorized to access group)",
          publicWords: "no live consumer for intake/requests.high (KAFKA_DENIED)",
        }),
      );
      const text = await metrics.registry.metrics();
      expect(text).toContain('carillon_consumers{queue="intake/requests.high"} 0');
      expect(text).toContain('carillon_consumers_configured{queue="intake/requests.high"} 4');
      expect(await readConsumers(cells)).toEqual(new Map([["intake/requests.high", 2]]));

      state = { ...queue, living: 1, trouble: new CarillonError("UNAVAILABLE", "three are away") };
      await pass(1_000);
      expect(watch.assertLiving).not.toThrow(); // the lane is slower, and the alert reports it
      watch.stop();
      other.stop();
      await vi.advanceTimersByTimeAsync(1);
      expect(await readConsumers(cells)).toEqual(new Map([["intake/requests.high", 0]]));
    } finally {
      vi.useRealTimers();
    }
  });
});
