import { expect, it } from "vitest";
import { createHealthExchange, readHealth } from "../../../sinks/routing/health-exchange.js";
import type { HealthSnapshot } from "../../../sinks/routing/provider-health.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { settled } from "../../support/pass-time.js";

const snapshot = (calls: number, failures: number): HealthSnapshot => ({
  at: 0,
  calls,
  failures,
  share: 1,
  breaker: "closed",
  receiptP90Ms: null,
  responseP50Ms: null,
  responseP95Ms: null,
  inFlight: 0,
});

it("processes tell each other every two seconds, and learn what all others saw together", async () => {
  const clock = createVirtualClock();
  const cells = createMemoryCells(clock);
  const learnt: unknown[] = [];
  const exchanges = [1, 2, 3].map((number) =>
    createHealthExchange(
      cells,
      `worker-${number}`,
      clock.now,
      () => ({ ses: snapshot(number * 10, number) }),
      (provider, others) => learnt.push([number, provider, others]),
    ),
  );
  for (const exchange of exchanges) exchange.tick();
  await settled();
  expect((await readHealth(cells)).size).toBe(0);
  for (let round = 0; round < 2; round += 1) {
    clock.advance(2_000);
    for (const exchange of exchanges) exchange.tick();
    await settled();
  }
  expect([...(await readHealth(cells)).keys()].sort()).toEqual(["worker-1", "worker-2", "worker-3"]);
  expect(learnt.slice(-3)).toEqual([
    [1, "ses", { calls: 50, failures: 5 }],
    [2, "ses", { calls: 40, failures: 4 }],
    [3, "ses", { calls: 30, failures: 3 }],
  ]);
});

it("a store that is away stops nothing", async () => {
  const clock = createVirtualClock();
  const away = { ...createMemoryCells(clock), set: () => Promise.reject(new Error("away")) };
  const exchange = createHealthExchange(away, "worker-1", clock.now, () => ({ ses: snapshot(1, 0) }), expect.unreachable);
  clock.advance(2_000);
  exchange.tick();
  await settled();
});
