import { expect, it } from "vitest";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import type { Place } from "../../../processors/routing.js";
import { loadConfig } from "../../../service/load-config.js";
import { type Entry, type ProviderLimits, RoutedProvider } from "../../../sinks/routing/routed-provider.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo } from "../../support/commands.js";
import { passTime } from "../../support/pass-time.js";

const { capacityWaitMs: _, ...health } = loadConfig({ environment: {} }).routing;
const { signal } = new AbortController();
const command = commandTo("sms", "+14155550100");

const start = (limits: Partial<ProviderLimits> = {}, more: Partial<Provider> = {}) => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const provider: Provider = {
    name: "a",
    channel: "sms",
    send: async () => ({ kind: "delivered", providerMessageId: null }),
    healthCheck: async () => "",
    close: async () => undefined,
    ...more,
  };
  const routed = new RoutedProvider(
    provider,
    { perSecond: null, burst: null, inFlight: 2, inFlightPerTenant: null, ...limits },
    health,
    createMemoryBuckets(clock),
    clock,
    { freed: () => told.push("freed"), called: (_provider, { kind }) => told.push(kind) },
  );
  const enter = async (tenant = "acme"): Promise<Entry> => {
    const entry = routed.enter({ ...command, tenant }, 1_000, { signal });
    await passTime(clock, 0);
    return entry;
  };
  const place = async (tenant?: string): Promise<Place> => {
    const entry = await enter(tenant);
    if (!entry.provider) throw new Error(entry.detail);
    return entry;
  };
  return { clock, told, routed, enter, place };
};
const well: SendOutcome = { kind: "delivered", providerMessageId: null };

it("takes as many calls at once as it may, and tells when there is room again", async () => {
  const { enter, place, routed, told } = start();
  const first = await place();
  await place();
  expect(await enter()).toMatchObject({ reason: "provider_throttled", busy: true });
  first.leave(well, 5);
  first.leave(well, 5);
  expect([routed.inFlight, told]).toEqual([1, ["freed", "delivered"]]);
  expect((await enter()).provider).toBeDefined();
});

it("leaves room for other tenants, and makes no more calls than the provider has connections", async () => {
  const { enter, place } = start({ inFlight: 9, inFlightPerTenant: 1 }, { maxConcurrency: 2 });
  await place("acme");
  expect((await enter("acme")).provider).toBeUndefined();
  await place("shop");
  expect((await enter("other")).provider).toBeUndefined();
});

it("pauses as the account's throttle asks, not for one recipient's", async () => {
  const { clock, enter, place, routed } = start();
  const throttled = { kind: "throttled", reason: "provider_throttled", detail: "429", retryAfterMs: 5_000 } as const;
  (await place()).leave({ ...throttled, ofRecipient: true }, 5);
  expect(routed.open).toBe(true);
  (await place()).leave(throttled, 5);
  expect([routed.open, await enter()]).toMatchObject([false, { reason: "provider_throttled", untilMs: clock.now() + 5_000 }]);
  clock.advance(5_000);
  expect((await enter()).provider).toBeDefined();
});

it("opens its breaker after failures in a row, and says when it tries again", async () => {
  const { enter, place, routed } = start();
  const down = { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" } as const;
  for (let failures = 0; failures < health.breaker.failures; failures += 1) (await place()).leave(down, 5);
  expect([routed.open, await enter()]).toMatchObject([false, { reason: "provider_unavailable" }]);
});

it("what was not sent says nothing about the provider", async () => {
  const { place, told, routed } = start();
  const unsent = { kind: "permanent_failure", reason: "invalid_content", detail: "no request", notSent: true } as const;
  for (let calls = 0; calls < health.breaker.failures + 1; calls += 1) (await place()).leave(unsent, 0);
  expect([routed.open, new Set(told)]).toEqual([true, new Set(["freed"])]);
});

it("does not count silence while this process was stalled against the provider", async () => {
  const { place, told, routed } = start();
  const stalled = { kind: "ambiguous", reason: "provider_timeout", detail: "no answer", stalled: true } as const;
  for (let calls = 0; calls < health.breaker.failures + 1; calls += 1) (await place()).leave(stalled, 13_000);
  expect([routed.open, new Set(told)]).toEqual([true, new Set(["freed", "ambiguous"])]);
});

it("makes no call while as many as open the breaker are unanswered for too long, until one is answered", async () => {
  const { clock, enter, place } = start({ inFlight: 99 });
  const calls: Place[] = [];
  for (let count = 0; count < health.breaker.failures; count += 1) calls.push(await place());
  await passTime(clock, health.stallMs - 1, 100);
  (await place()).leave(well, 5);
  await passTime(clock, 1_000, 100);
  const silent = { reason: "provider_unavailable", detail: "a does not respond" };
  expect(await enter()).toMatchObject(silent);
  await passTime(clock, 60_000, 500);
  expect(await enter()).toMatchObject(silent);
  calls[0]?.leave(well, 66_000);
  expect((await enter()).provider).toBeDefined();
});

it("does not take a provider for silent because this process was stalled", async () => {
  const { clock, enter, place } = start({ inFlight: 99 });
  for (let count = 0; count < health.breaker.failures; count += 1) await place();
  await passTime(clock, 1_000, 100);
  clock.advance(60_000);
  expect((await enter()).provider).toBeDefined();
  // answers that arrived meanwhile have been read by now: what is still unanswered has the whole time again
  await passTime(clock, health.stallMs - 100, 100);
  expect((await enter()).provider).toBeDefined();
  await passTime(clock, health.stallMs + 1_000, 100);
  expect(await enter()).toMatchObject({ detail: "a does not respond" });
});

it("watches no calls once there are few", async () => {
  const { clock, place } = start({ inFlight: 99 });
  const calls: Place[] = [];
  for (let count = 0; count < health.breaker.failures; count += 1) calls.push(await place());
  expect(clock.nextInMs()).toBe(health.stallMs);
  for (const call of calls) call.leave(well, 5);
  expect(clock.nextInMs()).toBeUndefined();
});

it("keeps to its rate, and learns one that the provider tells", async () => {
  const { clock, routed } = start({ inFlight: 99 }, { sendRate: async () => 1_000 });
  const first = routed.enter(command, 5_000, { signal });
  await passTime(clock, 10);
  expect((await first).provider).toBeDefined();
  const more = [1, 2, 3].map(() => routed.enter(command, 5_000, { signal }));
  await passTime(clock, 1_100);
  expect((await Promise.all(more)).map(({ provider }) => provider?.name)).toEqual(["a", "a", "a"]);
});

it("gives up where its rate has no room in time", async () => {
  const { clock, routed } = start({ perSecond: 0.1, burst: 1 });
  await routed.enter(command, 100, { signal });
  const late = routed.enter(command, 100, { signal });
  await passTime(clock, 101);
  expect(await late).toMatchObject({ reason: "provider_throttled" });
});
