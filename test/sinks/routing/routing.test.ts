import { beforeEach, describe, expect, it, vi } from "vitest";
import { byChannel } from "../../../channels/by-channel.js";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import type { Place, Routing, Wait } from "../../../processors/routing.js";
import { readHealth } from "../../../sinks/routing/health-exchange.js";
import { createRouting, type Route, type RoutingPolicy } from "../../../sinks/routing/routing.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo } from "../../support/commands.js";

const well: SendOutcome = { kind: "accepted", responseId: "r" };
const down: SendOutcome = { kind: "temporary_failure", reason: "provider_unavailable", detail: "503" };
const refused: SendOutcome = { kind: "permanent_failure", reason: "recipient_rejected", detail: "no such number" };

const unlimited = { perSecond: null, burst: null, inFlight: 1_000, inFlightPerTenant: null };
const preference = (...names: string[]) => names.map((name, index) => ({ name, weight: index === 0 ? 1 : 0 }));
const everybody = (...names: string[]): Route => ({ tenant: null, lane: null, recipient: null, providers: preference(...names) });

describe("routing", () => {
  let clock: ReturnType<typeof createVirtualClock>;
  let stores: { cells: ReturnType<typeof createMemoryCells>; buckets: ReturnType<typeof createMemoryBuckets> };
  const signal = new AbortController().signal;
  beforeEach(() => {
    clock = createVirtualClock();
    stores = { cells: createMemoryCells(clock), buckets: createMemoryBuckets(clock) };
  });
  const provider = (name: string, more: Partial<Provider> = {}): Provider => ({
    name,
    channel: "sms",
    send: async () => well,
    check: async () => name,
    close: async () => undefined,
    ...more,
  });
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
        patienceMs: 1_000,
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
  const nameOf = (choice: Place | Wait): string => (choice.provider ? choice.provider.name : `waits: ${choice.reason}`);
  const use = async (one: Routing, outcome: SendOutcome, command = sms()): Promise<string> => {
    const choice = await choose(one, command);
    if (choice.provider) choice.leave(outcome);
    return nameOf(choice);
  };

  it("goes by the first route that fits: tenant, lane, prefix", async () => {
    const one = routing([{ ...everybody("b"), recipient: "+91" }, { ...everybody("c"), tenant: "acme", lane: "bulk" }, everybody("a")]);
    expect(await use(one, well)).toBe("a");
    expect(await use(one, well, sms({ to: "+919876543210" }))).toBe("b");
    expect(await use(one, well, sms({ lane: "bulk" }))).toBe("c");
    expect(await use(one, well, sms({ lane: "bulk", tenant: "other" }))).toBe("a");
  });

  it("leaves a provider that fails again and again alone for a while, and finds out when it is well", async () => {
    const one = routing([everybody("a", "b")]);
    expect([await use(one, down), await use(one, down), await use(one, down)]).toEqual(["a", "a", "a"]);
    expect(await use(one, well)).toBe("b");
    clock.advance(10_000);
    expect(await use(one, down)).toBe("a");
    expect(await use(one, well)).toBe("b");
    clock.advance(20_000);
    expect(await use(one, well)).toBe("a");
    expect(await use(one, well)).toBe("a");
  });

  it("counts what is wrong with a recipient not against the provider", async () => {
    const one = routing([everybody("a", "b")]);
    for (let calls = 0; calls < 20; calls += 1) expect(await use(one, refused)).toBe("a");
  });

  it("tells when to come again when no provider can take it, spread over time", async () => {
    const one = routing([everybody("a")]);
    for (let calls = 0; calls < 3; calls += 1) await use(one, down);
    const waits = await Promise.all(Array.from({ length: 10 }, () => choose(one)));
    const times = waits.map((wait) => (wait.provider ? 0 : wait.untilMs - clock.now()));
    expect(waits.map(nameOf)).toEqual(Array(10).fill("waits: provider_unavailable"));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(15_001);
    expect(new Set(times).size).toBeGreaterThan(5);
  });

  it("asks others than those that failed the message, and says whether there are any", async () => {
    const one = routing([everybody("a", "b")]);
    expect(await use(one, well, sms({ tried: ["a"] }))).toBe("b");
    expect(one.hasAnother(sms(), ["a"])).toBe(true);
    expect(one.hasAnother(sms(), ["a", "b"])).toBe(false);
    for (let calls = 0; calls < 3; calls += 1) await use(one, down, sms({ tried: ["a"] }));
    expect(one.hasAnother(sms(), ["a"])).toBe(false);
    expect(await use(one, well, sms({ tried: ["a", "b"] }))).toBe("a");
  });

  it("takes weight away a tenth at a time while errors are many, and gives it back", async () => {
    const ways = [
      { name: "a", weight: 100 },
      { name: "b", weight: 100 },
    ];
    const one = routing([{ tenant: null, lane: null, recipient: null, providers: ways }]);
    // one in three fails: too few in a row for the breaker, too many for the weight
    let calls = 0;
    const outcomeOf = (name: string, ill: boolean): SendOutcome => {
      if (name === "a") calls += 1;
      return ill && name === "a" && calls % 3 === 0 ? down : well;
    };
    const shareOfA = async (ill: boolean): Promise<number> => {
      const names: string[] = [];
      for (let index = 0; index < 200; index += 1) {
        const choice = await choose(one);
        if (choice.provider) choice.leave(outcomeOf(choice.provider.name, ill));
        names.push(nameOf(choice));
      }
      clock.advance(10_000);
      return names.filter((name) => name === "a").length / names.length;
    };
    const falling: number[] = [];
    for (let round = 0; round < 12; round += 1) falling.push(await shareOfA(true));
    expect(falling[0]).toBeCloseTo(0.5, 1);
    expect(falling.at(-1)).toBeLessThan(0.2);
    expect(Math.max(...falling.slice(1).map((share, index) => (falling[index] ?? 0) - share))).toBeLessThan(0.15);
    clock.advance(30_000);
    const rising: number[] = [];
    for (let round = 0; round < 14; round += 1) rising.push(await shareOfA(false));
    expect(rising.at(-1)).toBeCloseTo(0.5, 1);
  });

  it("takes weight away for slow receipts, too", async () => {
    const ways = [
      { name: "a", weight: 100 },
      { name: "b", weight: 100 },
    ];
    const one = routing([{ tenant: null, lane: null, recipient: null, providers: ways }]);
    for (let round = 0; round < 6; round += 1) {
      for (let heard = 0; heard < 30; heard += 1) one.receiptCame("sms", "a", 60_000);
      clock.advance(10_000);
      await use(one, well);
    }
    const names = await Promise.all(Array.from({ length: 300 }, () => use(one, well)));
    expect(names.filter((name) => name === "a").length / 300).toBeLessThan(0.4);
  });

  it("sends no more a second than the account may, over all processes, the most urgent first", async () => {
    const limits = () => ({ ...unlimited, perSecond: 10, burst: 10 });
    const [one, two] = [
      routing([everybody("a")], { limits, patienceMs: 60_000 }),
      routing([everybody("a")], { limits, patienceMs: 60_000 }, undefined, "two"),
    ];
    const order: string[] = [];
    const send = async (by: Routing, lane: "bulk" | "critical"): Promise<void> => {
      const choice = await by.choose(sms({ lane }), { signal });
      if (choice.provider) {
        order.push(lane);
        choice.leave(well);
      }
    };
    const all = [one, two].flatMap((by) => Array.from({ length: 40 }, () => send(by, "bulk")));
    await settle(undefined, 1_000);
    expect(order.length).toBeGreaterThanOrEqual(12);
    expect(order.length).toBeLessThanOrEqual(21);
    const urgent = send(two, "critical");
    await settle(undefined, 200);
    expect(order).toContain("critical");
    await settle(undefined, 10_000);
    await Promise.all([...all, urgent]);
    expect(order).toHaveLength(81);
  });

  it("learns nothing from a message of which no request could be made: neither failure nor success, also of a probe", async () => {
    const unsent: SendOutcome = { kind: "permanent_failure", reason: "invalid_content", detail: "no request", notSent: true };
    const one = routing([everybody("a")]);
    await use(one, down);
    await use(one, down);
    for (let index = 0; index < 20; index += 1) expect(await use(one, unsent)).toBe("a");
    await use(one, down); // the third in a row: the unsent call did not interrupt the series
    expect(await use(one, well)).toBe("waits: provider_unavailable");
    clock.advance(10_000);
    expect(await use(one, unsent)).toBe("a");
    expect(await use(one, unsent)).toBe("a"); // the probe's place is free again, and the breaker is still half open
    const probe = await choose(one);
    expect(nameOf(probe)).toBe("a");
    expect(nameOf(await choose(one))).toBe("waits: provider_unavailable");
    if (probe.provider) probe.leave(well);
    expect(await use(one, well)).toBe("a");
  });

  it.each([Number.NaN, -1, 0, Number.NEGATIVE_INFINITY])(
    "goes on at its own pace where a provider reports %s as its rate",
    async (rate) => {
      const one = routing([everybody("a")], {}, [provider("a", { sendRate: async () => rate })]);
      await settle(undefined, 200);
      expect(nameOf(await choose(one, sms(), 1_500))).toBe("a");
      expect(nameOf(await choose(one, sms(), 1_500))).toBe("a");
    },
  );

  it("takes a provider's own rate where none is configured", async () => {
    const asked = { times: 0 };
    const ses = provider("a", {
      sendRate: async () => {
        asked.times += 1;
        return 50;
      },
    });
    const one = routing([everybody("a")], { patienceMs: 60_000 }, [ses]);
    const all = Array.from({ length: 60 }, async () => {
      const choice = await one.choose(sms(), { signal });
      if (choice.provider) choice.leave(well);
    });
    await settle(undefined, 3_000);
    await Promise.all(all);
    expect(asked.times).toBe(1);
  });

  it("pauses an account as long as its Retry-After asks, for every process, but not for one recipient's", async () => {
    const limits = () => ({ ...unlimited, perSecond: 100, burst: 100 });
    const [one, two] = [routing([everybody("a", "b")], { limits }), routing([everybody("a", "b")], { limits }, undefined, "two")];
    expect(await use(one, { kind: "throttled", reason: "provider_throttled", detail: "429", retryAfterMs: 7_000, ofRecipient: true })).toBe(
      "a",
    );
    expect(await use(one, { kind: "throttled", reason: "provider_throttled", detail: "429", retryAfterMs: 7_000 })).toBe("a");
    expect(await use(one, well)).toBe("b");
    expect(nameOf(await choose(two, sms(), 1_000))).toBe("b");
    clock.advance(7_000);
    expect([await use(one, well), nameOf(await choose(two, sms(), 300))]).toEqual(["a", "a"]);
  });

  it("bounds the calls in hand of a provider and of each tenant, and lets the next in when one ends", async () => {
    const limits = () => ({ ...unlimited, inFlight: 3, inFlightPerTenant: 2 });
    const one = routing([everybody("a")], { limits });
    const [first, second] = [await choose(one), await choose(one)];
    expect([first, second].map(nameOf)).toEqual(["a", "a"]);
    const waiting = Promise.resolve(one.choose(sms(), { signal }));
    expect(nameOf(await choose(one, sms({ tenant: "other" })))).toBe("a");
    if (first.provider) first.leave(well);
    expect(nameOf(await settle(waiting, 100))).toBe("a");
    expect(nameOf(await choose(one, sms(), 1_200))).toBe("waits: provider_throttled");
  });

  it("gives a provider no more calls at once than it makes", async () => {
    const one = routing([everybody("a", "b")], {}, [provider("a", { mostAtOnce: 1 }), provider("b")]);
    expect(nameOf(await choose(one))).toBe("a");
    expect(nameOf(await choose(one))).toBe("b");
  });

  it("has many wait for room without a warning", async () => {
    const one = routing([everybody("a")], {}, [provider("a", { mostAtOnce: 1 })]);
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const own = new AbortController();
    const waiting = Array.from({ length: 20 }, () => one.choose(sms(), own));
    await Promise.resolve();
    own.abort();
    await Promise.all(waiting);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it("sends no more to a provider that does not answer, until it does", async () => {
    const one = routing([everybody("a", "b")]);
    const hanging = [await choose(one), await choose(one), await choose(one)];
    clock.advance(1_999);
    expect(nameOf(await choose(one))).toBe("a");
    clock.advance(1);
    expect(nameOf(await choose(one))).toBe("b");
    for (const choice of hanging) if (choice.provider) choice.leave(well);
    expect(nameOf(await choose(one))).toBe("a");
  });

  it("waits no longer once its partition is taken away", async () => {
    const one = routing([everybody("a")], { limits: () => ({ ...unlimited, inFlight: 1 }), patienceMs: 60_000 });
    await choose(one);
    const stop = new AbortController();
    const waiting = Promise.resolve(one.choose(sms(), stop));
    stop.abort();
    expect(await settle(waiting)).toMatchObject({ untilMs: clock.now() });
  });

  it("tells the other processes how providers fare", async () => {
    const [one, two] = [routing([everybody("a", "b")]), routing([everybody("a", "b")], {}, undefined, "two")];
    for (let calls = 0; calls < 30; calls += 1) await use(one, calls % 3 === 0 ? down : well);
    clock.advance(2_000);
    await use(one, well);
    await settle(undefined);
    const told = (await readHealth(stores.cells)).get("one");
    expect(told?.["sms/a"]).toMatchObject({ calls: 30, failures: 10, breaker: "closed", share: 1 });
    // the other one has made no calls itself, and reduces the weight because of the published counts
    await use(two, well);
    await settle(undefined);
    clock.advance(10_000);
    await use(two, well);
    clock.advance(2_000);
    await use(two, well);
    await settle(undefined);
    expect((await readHealth(stores.cells)).get("two")?.["sms/a"]?.share).toBeLessThan(1);
  });
});
