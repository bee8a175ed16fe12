import { expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import { type HealthPolicy, ProviderHealth } from "../../../sinks/routing/provider-health.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const { capacityWaitMs: _, ...preset } = loadConfig({ environment: {} }).routing;
const down = { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" } as const;
const refused = { kind: "permanent_failure", reason: "recipient_rejected", detail: "550" } as const;
const well = { kind: "accepted", providerMessageId: "r" } as const;

const start = (more: Partial<HealthPolicy> = {}) => {
  const clock = createVirtualClock();
  const breaker = { ...preset.breaker, failures: 1_000 };
  const health = new ProviderHealth(
    { ...preset, breaker, minCalls: 4, errorRate: 0.5, stepMs: 1_000, windowMs: 60_000, ...more },
    clock.now,
  );
  return { clock, health };
};

it("an ill provider loses a tenth of its weight a step, and gets it back as it recovers", () => {
  const { clock, health } = start();
  for (let calls = 0; calls < 4; calls += 1) health.answered(down, 5);
  clock.advance(1_000);
  expect(health.share).toBe(0.9);
  for (let steps = 0; steps < 20; steps += 1) {
    clock.advance(1_000);
    health.answered(down, 5);
    void health.share;
  }
  expect(health.share).toBe(0.1);
  clock.advance(120_000);
  expect(health.share).toBe(1);
});

it("what says something of the recipient alone is no illness, nor is what few calls say", () => {
  const { clock, health } = start();
  for (let calls = 0; calls < 9; calls += 1) health.answered(refused, 5);
  for (let calls = 0; calls < 3; calls += 1) health.answered(down, 5);
  clock.advance(1_000);
  expect(health.share).toBe(1);
});

it("what other processes saw counts as well", () => {
  const { clock, health } = start();
  health.learn({ calls: 10, failures: 9 });
  clock.advance(1_000);
  expect(health.share).toBe(0.9);
});

it("slow receipts take weight away, once for what was seen", () => {
  const { clock, health } = start({ slowReceiptMs: 1_000 });
  for (let receipts = 0; receipts < 20; receipts += 1) health.receiptCame(5_000);
  clock.advance(1_000);
  expect(health.share).toBe(0.9);
  clock.advance(1_000);
  expect(health.share).toBe(1);
});

it("its snapshot is what others and operators are told", () => {
  const { health } = start();
  for (let calls = 0; calls < 20; calls += 1) health.answered(well, calls);
  expect(health.snapshot(3)).toMatchObject({
    calls: 20,
    failures: 0,
    share: 1,
    breaker: "closed",
    responseP50Ms: 10,
    receiptP90Ms: null,
    inFlight: 3,
  });
});
