import { describe, expect, it, vi } from "vitest";
import type { Routing } from "../../../processors/routing.js";
import { createRoutings, everybody, nameOf, provider, unlimited, well } from "./routing-under-test.js";

describe("routing", () => {
  it("sends no more a second than the account may, over all processes, the most urgent first", async () => {
    const { signal, routing, sms, settle } = createRoutings();
    const limits = () => ({ ...unlimited, perSecond: 10, burst: 10 });
    const [one, two] = [
      routing([everybody("a")], { limits, capacityWaitMs: 60_000 }),
      routing([everybody("a")], { limits, capacityWaitMs: 60_000 }, undefined, "two"),
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

  it.each([Number.NaN, -1, 0, Number.NEGATIVE_INFINITY])(
    "goes on at its own pace where a provider reports %s as its rate",
    async (rate) => {
      const { routing, sms, settle, choose } = createRoutings();
      const one = routing([everybody("a")], {}, [provider("a", { sendRate: async () => rate })]);
      await settle(undefined, 200);
      expect(nameOf(await choose(one, sms(), 1_500))).toBe("a");
      expect(nameOf(await choose(one, sms(), 1_500))).toBe("a");
    },
  );

  it("takes a provider's own rate where none is configured", async () => {
    const { signal, routing, sms, settle } = createRoutings();
    const asked = { times: 0 };
    const ses = provider("a", {
      sendRate: async () => {
        asked.times += 1;
        return 50;
      },
    });
    const one = routing([everybody("a")], { capacityWaitMs: 60_000 }, [ses]);
    const all = Array.from({ length: 60 }, async () => {
      const choice = await one.choose(sms(), { signal });
      if (choice.provider) choice.leave(well);
    });
    await settle(undefined, 3_000);
    await Promise.all(all);
    expect(asked.times).toBe(1);
  });

  it("pauses an account as long as its Retry-After asks, for every process, but not for one recipient's", async () => {
    const { clock, routing, sms, choose, use } = createRoutings();
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
    const { signal, routing, sms, settle, choose } = createRoutings();
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

  it.each([{ inFlight: 1 }, { inFlight: 2, inFlightPerTenant: 1 }])("takes no token of the rate while %o leaves no slot", async (slots) => {
    const { signal, routing, sms, settle, choose } = createRoutings();
    const limits = () => ({ ...unlimited, perSecond: 1, burst: 1, ...slots });
    const one = routing([everybody("a")], { limits, capacityWaitMs: 10_000 });
    const first = await choose(one);
    const waiting = Promise.resolve(one.choose(sms(), { signal }));
    await settle(undefined, 3_000);
    if (first.provider) first.leave(well);
    expect(nameOf(await settle(waiting, 50))).toBe("a");
  });

  it("sends a provider with few slots as much as its rate allows", async () => {
    const { clock, signal, routing, sms, settle } = createRoutings();
    const limits = () => ({ ...unlimited, perSecond: 10, burst: 2, inFlight: 4 });
    const one = routing([everybody("a")], { limits, capacityWaitMs: 10_000 });
    let [sent, ends] = [0, false];
    const send = async (lane: "bulk" | "normal"): Promise<void> => {
      while (!ends) {
        const choice = await one.choose(sms({ lane }), { signal });
        if (!choice.provider) continue;
        sent += 1;
        await clock.sleep(350);
        choice.leave(well);
      }
    };
    const all = Array.from({ length: 60 }, (_, index) => send(index % 2 === 0 ? "bulk" : "normal"));
    await settle(undefined, 10_000);
    ends = true;
    await settle(undefined, 15_000);
    await Promise.all(all);
    expect(sent).toBeGreaterThan(95);
  });

  it("gives a provider no more calls at once than it makes", async () => {
    const { routing, choose } = createRoutings();
    const one = routing([everybody("a", "b")], {}, [provider("a", { maxConcurrency: 1 }), provider("b")]);
    expect(nameOf(await choose(one))).toBe("a");
    expect(nameOf(await choose(one))).toBe("b");
  });

  it("has many wait for room without a warning", async () => {
    const { routing, sms } = createRoutings();
    const one = routing([everybody("a")], {}, [provider("a", { maxConcurrency: 1 })]);
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const own = new AbortController();
    const waiting = Array.from({ length: 20 }, () => one.choose(sms(), own));
    await Promise.resolve();
    own.abort();
    await Promise.all(waiting);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it("waits no longer once its partition is taken away", async () => {
    const { clock, routing, sms, settle, choose } = createRoutings();
    const one = routing([everybody("a")], { limits: () => ({ ...unlimited, inFlight: 1 }), capacityWaitMs: 60_000 });
    await choose(one);
    const stop = new AbortController();
    const waiting = Promise.resolve(one.choose(sms(), stop));
    stop.abort();
    expect(await settle(waiting)).toMatchObject({ untilMs: clock.now() });
  });
});
