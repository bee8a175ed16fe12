import { byChannel } from "../../../channels/by-channel.js";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import type { Place, Routing, Wait } from "../../../processors/routing.js";
import type { Route } from "../../../sinks/routing/configured-ways.js";
import { createRouting, type RoutingPolicy } from "../../../sinks/routing/routing.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo } from "../../support/commands.js";

export const well: SendOutcome = { kind: "accepted", providerMessageId: "r" };
export const down: SendOutcome = { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" };
export const refused: SendOutcome = { kind: "permanent_failure", reason: "recipient_rejected", detail: "no such number" };

export const unlimited = { perSecond: null, burst: null, inFlight: 1_000, inFlightPerTenant: null };
const preference = (...names: string[]) => names.map((name, index) => ({ name, weight: index === 0 ? 1 : 0 }));
export const everybody = (...names: string[]): Route => ({ tenant: null, lane: null, recipient: null, providers: preference(...names) });

/** A provider that takes everything, unless it is given otherwise. */
export const provider = (name: string, more: Partial<Provider> = {}): Provider => ({
  name,
  channel: "sms",
  send: async () => well,
  healthCheck: async () => name,
  close: async () => undefined,
  ...more,
});

/** The name of the chosen provider, or why the message waits. */
export const nameOf = (choice: Place | Wait): string => (choice.provider ? choice.provider.name : `waits: ${choice.reason}`);

/** Routings with a clock and stores of their own, and messages for them. */
export const createRoutings = () => {
  const clock = createVirtualClock();
  const stores = { cells: createMemoryCells(clock), buckets: createMemoryBuckets(clock) };
  const signal = new AbortController().signal;
  const routing = (
    routes: readonly Route[],
    limits: Partial<RoutingPolicy> = {},
    providers: readonly Provider[] = ["a", "b", "c"].map((name) => provider(name)),
    instance = "one",
  ): Routing =>
    createRouting({
      origin: { instance },
      policy: {
        routes: byChannel((channel) => (channel === "sms" ? routes : [])),
        limits: () => unlimited,
        health: {
          breaker: { failures: 3, openMs: 10_000, maxOpenMs: 60_000, probes: 1 },
          windowMs: 30_000,
          minCalls: 10,
          errorRate: 0.1,
          slowReceiptMs: 5_000,
          stallMs: 2_000,
          stepMs: 10_000,
        },
        capacityWaitMs: 1_000,
        ...limits,
      },
      providers: byChannel((channel) => (channel === "sms" ? providers : [])),
      ...stores,
      clock,
      instance,
    });
  let count = 0;
  const sms = (more: Parameters<typeof commandTo>[2] = {}) => {
    count += 1;
    return commandTo("sms", "+14155550100", { messageId: `m-${count}`, ...more });
  };
  const settle = async <T>(answer: T | Promise<T>, ms = 0): Promise<T> => {
    const promise = Promise.resolve(answer);
    for (let passed = 0; passed <= ms; passed += 50) {
      await new Promise((resolve) => setImmediate(resolve));
      if (passed < ms) clock.advance(50);
    }
    return promise;
  };
  const choose = async (one: Routing, command = sms(), ms = 0): Promise<Place | Wait> => settle(one.choose(command, { signal }), ms);
  const use = async (one: Routing, outcome: SendOutcome, command = sms()): Promise<string> => {
    const choice = await choose(one, command);
    if (choice.provider) choice.leave(outcome);
    return nameOf(choice);
  };
  return { clock, stores, signal, routing, sms, settle, choose, use };
};
