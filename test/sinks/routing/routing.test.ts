import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../processors/provider.js";
import { readHealth } from "../../../sinks/routing/health-exchange.js";
import { createRoutings, down, everybody, nameOf, refused, well } from "./routing-under-test.js";

describe("routing", () => {
  it("goes by the first route that fits: tenant, lane, prefix", async () => {
    const { routing, sms, use } = createRoutings();
    const one = routing([{ ...everybody("b"), recipient: "+91" }, { ...everybody("c"), tenant: "acme", lane: "bulk" }, everybody("a")]);
    expect(await use(one, well)).toBe("a");
    expect(await use(one, well, sms({ to: "+919876543210" }))).toBe("b");
    expect(await use(one, well, sms({ lane: "bulk" }))).toBe("c");
    expect(await use(one, well, sms({ lane: "bulk", tenant: "other" }))).toBe("a");
  });

  it("leaves a provider that fails again and again alone for a while, and finds out when it is well", async () => {
    const { clock, routing, use } = createRoutings();
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
    const { routing, use } = createRoutings();
    const one = routing([everybody("a", "b")]);
    for (let calls = 0; calls < 20; calls += 1) expect(await use(one, refused)).toBe("a");
  });

  it("tells when to come again when no provider can take it, spread over time", async () => {
    const { clock, routing, choose, use } = createRoutings();
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
    const { routing, sms, use } = createRoutings();
    const one = routing([everybody("a", "b")]);
    expect(await use(one, well, sms({ tried: ["a"] }))).toBe("b");
    expect(one.hasAnother(sms(), ["a"])).toBe(true);
    expect(one.hasAnother(sms(), ["a", "b"])).toBe(false);
    for (let calls = 0; calls < 3; calls += 1) await use(one, down, sms({ tried: ["a"] }));
    expect(one.hasAnother(sms(), ["a"])).toBe(false);
    expect(await use(one, well, sms({ tried: ["a", "b"] }))).toBe("a");
  });

  it("takes weight away a tenth at a time while errors are many, and gives it back", async () => {
    const { clock, routing, choose } = createRoutings();
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
    const { clock, routing, use } = createRoutings();
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

  it("learns nothing from a message of which no request could be made: neither failure nor success, also of a probe", async () => {
    const { clock, routing, choose, use } = createRoutings();
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

  it("sends no more to a provider that does not answer, until it does", async () => {
    const { clock, routing, choose } = createRoutings();
    const one = routing([everybody("a", "b")]);
    const hanging = [await choose(one), await choose(one), await choose(one)];
    clock.advance(1_999);
    expect(nameOf(await choose(one))).toBe("a");
    clock.advance(1);
    expect(nameOf(await choose(one))).toBe("b");
    for (const choice of hanging) if (choice.provider) choice.leave(well);
    expect(nameOf(await choose(one))).toBe("a");
  });

  it("tells the other processes how providers fare", async () => {
    const { clock, stores, routing, settle, use } = createRoutings();
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
