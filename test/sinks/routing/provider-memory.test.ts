import { describe, expect, it } from "vitest";
import { byChannel } from "../../../channels/by-channel.js";
import { mostThreads } from "../../../config/runtime.js";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import type { Place, Wait } from "../../../processors/routing.js";
import { loadConfig } from "../../../service/load-config.js";
import { createSharedMemory } from "../../../sinks/routing/provider-memory.js";
import type { ProviderLimits } from "../../../sinks/routing/routed-provider.js";
import { createRouting } from "../../../sinks/routing/routing.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo } from "../../support/commands.js";
import { settled } from "../../support/pass-time.js";

const { capacityWaitMs: _, ...health } = loadConfig({ environment: {} }).routing;
const down: SendOutcome = { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" };
const well: SendOutcome = { kind: "accepted", providerMessageId: "r" };

const provider: Provider = {
  name: "a",
  channel: "sms",
  send: async () => well,
  healthCheck: async () => "a",
  close: async () => undefined,
};

/** Signals that each thread immediately receives from the others. */
const createSignals = () => {
  const threads: Map<string, (payload: unknown) => void>[] = [];
  return () => {
    const own = new Map<string, (payload: unknown) => void>();
    threads.push(own);
    return {
      publish: (name: string, payload: unknown) => {
        for (const other of threads) if (other !== own) other.get(name)?.(payload);
      },
      subscribe: (name: string, heard: (payload: unknown) => void) => {
        own.set(name, heard);
        return () => void own.delete(name);
      },
    };
  };
};

/** The routing of this number of threads in one process. */
const startThreads = (count: number, limits: Partial<ProviderLimits> = {}) => {
  const clock = createVirtualClock();
  const signalsOf = createSignals();
  const [buckets, cells] = [createMemoryBuckets(clock), createMemoryCells(clock)];
  let memory: SharedArrayBuffer | undefined;
  const threads = Array.from({ length: count }, (_, number) => {
    const routing = createRouting({
      policy: {
        routes: byChannel(() => [{ tenant: null, lane: null, recipient: null, providers: [{ name: "a", weight: 1 }] }]),
        limits: () => ({ perSecond: null, burst: null, inFlight: 1_000, inFlightPerTenant: null, ...limits }),
        health,
        capacityWaitMs: 1_000,
      },
      providers: byChannel((channel) => (channel === "sms" ? [provider] : [])),
      buckets,
      cells,
      clock,
      instance: "one",
      origin: { instance: `one/${number}` },
      threads: { number, memory, signals: signalsOf() },
    });
    memory ??= routing.memory;
    return routing;
  });
  const signal = new AbortController().signal;
  const ask = (thread: number, tenant = "acme", id = "1"): Promise<Place | Wait> =>
    Promise.resolve(
      threads[thread]?.choose(commandTo("sms", "+14155550100", { tenant, messageId: id }), { signal }) as Promise<Place | Wait>,
    );
  const enter = async (thread: number, tenant?: string): Promise<Place> => {
    const found = await ask(thread, tenant);
    if (!found.provider) throw new Error(`thread ${thread} waits: ${found.detail}`);
    return found;
  };
  return { clock, ask, enter, threads };
};

describe("the providers of a process with several threads", () => {
  it("have no more calls in flight than they may, in whichever threads", async () => {
    const { clock, ask, enter, threads } = startThreads(3, { inFlight: 4 });
    const places = [await enter(0), await enter(1), await enter(1), await enter(2)];
    expect(threads[0]?.health()[0]?.health.inFlight).toBe(4);
    const refused = ask(2);
    await settled();
    clock.advance(1_001);
    expect((await refused).provider).toBeUndefined();
    for (const place of places) place.leave(well, 5);
    expect(threads[2]?.health()[0]?.health.inFlight).toBe(0);
    await enter(2);
  });

  it("have no more calls of one tenant in flight than it may have", async () => {
    const { clock, ask, enter } = startThreads(2, { inFlight: 10, inFlightPerTenant: 2 });
    const first = await enter(0);
    await enter(1);
    const refused = ask(0);
    await settled();
    clock.advance(1_001);
    expect((await refused).provider).toBeUndefined();
    await enter(1, "shop");
    first.leave(well, 5);
    await enter(1);
  });

  it("give room that comes free to the thread that has less of it", async () => {
    const { ask, enter } = startThreads(2, { inFlight: 3 });
    const busy = [await enter(0), await enter(0), await enter(0)];
    const urgent = ask(1, "acme", "urgent");
    const more = ask(0, "acme", "bulk");
    await settled();
    busy[0]?.leave(well, 5);
    await settled();
    expect((await urgent).provider).toBe(provider);
    busy[1]?.leave(well, 5);
    await settled();
    expect((await more).provider).toBe(provider);
  });

  it("give it turn by turn where each thread has as much", async () => {
    const { ask, enter } = startThreads(2, { inFlight: 1 });
    const order: number[] = [];
    const first = await enter(0);
    const wait = async (thread: number, id: string): Promise<void> => {
      const found = await ask(thread, "acme", id);
      if (!found.provider) return;
      order.push(thread);
      await settled();
      found.leave(well, 5);
    };
    const waiting = ["1", "2"].flatMap((id) => [wait(0, `a${id}`), wait(1, `b${id}`)]);
    await settled();
    first.leave(well, 5);
    await Promise.all(waiting);
    expect(order).toEqual([1, 0, 1, 0]);
  });

  it("share one circuit breaker: what one thread saw keeps the others from calling", async () => {
    const { clock, ask, enter, threads } = startThreads(2);
    for (let failures = 0; failures < health.breaker.failures; failures += 1) (await enter(0)).leave(down, 5);
    expect(await ask(1)).toMatchObject({ reason: "provider_unavailable", detail: expect.stringContaining("circuit breaker is open") });
    expect(threads[1]?.health()[0]?.health.breaker).toBe("open");
    clock.advance(health.breaker.openMs);
    const probes = [await enter(0), await enter(1), await enter(0)];
    expect((await ask(1)).provider).toBeUndefined();
    for (const probe of probes) probe.leave(well, 5);
    expect(threads[1]?.health()[0]?.health.breaker).toBe("closed");
  });

  it("pause in all threads when the provider asks for it, and while it answers none", async () => {
    const { clock, ask, enter } = startThreads(2);
    (await enter(0)).leave({ kind: "throttled", reason: "provider_throttled", detail: "429", retryAfterMs: 3_000 }, 5);
    expect(await ask(1)).toMatchObject({ reason: "provider_throttled" });
    clock.advance(3_000);
    const stalled: Place[] = [];
    for (let calls = 0; calls < health.breaker.failures; calls += 1) stalled.push(await enter(0));
    clock.advance(health.stallMs + 1);
    expect(await ask(0)).toMatchObject({ detail: "a does not respond" });
    expect(await ask(1)).toMatchObject({ detail: "a does not respond" });
    stalled[0]?.leave(well, 5);
    await enter(1);
  });

  it("count the last of as many threads as a process can have", async () => {
    const { enter, threads } = startThreads(mostThreads + 1, { inFlight: 100 });
    for (let thread = 0; thread <= mostThreads; thread += 1) await enter(thread);
    expect(threads[0]?.health()[0]?.health.inFlight).toBe(mostThreads + 1);
  });

  it("know of receipts that another thread took", async () => {
    const { threads } = startThreads(2);
    for (let receipts = 0; receipts < 20; receipts += 1) threads[0]?.receiptCame("sms", "a", 700);
    expect(threads[1]?.health()[0]?.health.receiptP90Ms).toBe(700);
  });
});

it("threads with other providers are refused", () => {
  const { shared } = createSharedMemory({ providers: 2, cellsEach: 8, thread: 0 });
  expect(() => createSharedMemory({ providers: 3, cellsEach: 8, thread: 1, shared })).toThrow(
    expect.objectContaining({ code: "TOPOLOGY_INVALID" }),
  );
});
