import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Timer, Timers } from "../../stores/timers/timers.js";
import { eventually } from "../support/eventually.js";
import type { PortFactory } from "./claims.js";

export interface TimersFactory extends PortFactory<Timers> {
  now(): number;
  /** Whether the store hints at timers as they come due. */
  readonly hints: boolean;
}

const ids = (timers: readonly Timer[]): string[] => timers.map((timer) => timer.id).sort();

/** Conformance suite of Timers. Each test opens a new, empty one. */
export const describeTimers = (factory: TimersFactory): void => {
  describe(`Timers on ${factory.name}`, () => {
    let timers: Timers;
    beforeEach(async () => {
      timers = await factory.open();
    });
    afterEach(async () => {
      await timers.close();
      await factory.dispose?.();
    });
    const timer = (id: string, inMs: number, value = id): Timer => ({
      id,
      dueAtMs: factory.now() + inMs,
      record: { topic: "carillon.dispatch.sms.high", key: "tenant:+1", value: Buffer.from(value) },
    });

    it("gives a due timer with its record, byte for byte, and no other", async () => {
      const value = Buffer.from([0, 255, 1]);
      const due = { ...timer("due", -10), record: { topic: "t", key: "ключ", value } };
      await timers.schedule([due, timer("later", 60_000)]);
      const claimed = await timers.claimDue(100, 60_000);
      expect(claimed).toHaveLength(1);
      expect(claimed[0]?.record.topic).toBe("t");
      expect(claimed[0]?.record.key).toBe("ключ");
      expect(Buffer.from(claimed[0]?.record.value ?? [])).toEqual(value);
      expect(claimed[0]?.dueAtMs).toBe(due.dueAtMs);
    });

    it("gives the headers of a timer's record back, whatever bytes they are", async () => {
      const headers = { origin: "t/0/1", odd: Buffer.from([0, 255, 128]), empty: "", ключ: "значение" };
      const { record } = timer("due", -10);
      await timers.schedule([{ id: "due", dueAtMs: factory.now() - 10, record: { ...record, headers } }]);
      const [claimed] = await timers.claimDue(100, 60_000);
      const found = Object.entries(claimed?.record.headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]);
      expect(found).toEqual(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));
      expect(Buffer.from(claimed?.record.value ?? [])).toEqual(Buffer.from("due"));
    });

    it("has one winner of many who claim", async () => {
      await timers.schedule(Array.from({ length: 50 }, (_, index) => timer(`t${index}`, -1)));
      const claims = await Promise.all(Array.from({ length: 8 }, () => timers.claimDue(1_000, 60_000)));
      expect(ids(claims.flat())).toEqual(Array.from({ length: 50 }, (_, index) => `t${index}`).sort());
    });

    it("claims by id only what is due and not claimed", async () => {
      await timers.schedule([timer("a", -1), timer("b", -1), timer("c", 60_000)]);
      expect(ids(await timers.claim(["a", "c", "unknown"], 60_000))).toEqual(["a"]);
      expect(ids(await timers.claim(["a", "b"], 60_000))).toEqual(["b"]);
    });

    it("gives a claimed timer again when its lease ends without completion", async () => {
      await timers.schedule([timer("a", -1)]);
      await timers.claimDue(10, 150);
      expect(await timers.claimDue(10, 150)).toEqual([]);
      await factory.pass(200);
      expect(ids(await timers.claimDue(10, 60_000))).toEqual(["a"]);
      await timers.complete(["a"]);
      expect(await timers.pending()).toBe(0);
    });

    it("moves a timer that is scheduled again, with its new record", async () => {
      await timers.schedule([timer("a", 60_000, "old")]);
      await timers.schedule([timer("a", -1, "new")]);
      const [claimed] = await timers.claimDue(10, 60_000);
      expect(claimed?.record.value.toString()).toBe("new");
      expect(await timers.pending()).toBe(1);
    });

    it("keeps a timer that is scheduled again between claim and completion", async () => {
      await timers.schedule([timer("a", -1)]);
      await timers.claimDue(10, 60_000);
      await timers.schedule([timer("a", -1, "again")]);
      await timers.complete(["a"]);
      const [claimed] = await timers.claimDue(10, 60_000);
      expect(claimed?.record.value.toString()).toBe("again");
    });

    it("tells when the next one comes due", async () => {
      expect(await timers.nextDueInMs()).toBeUndefined();
      const [soon, later] = [timer("soon", 30_000), timer("later", 60_000)];
      await timers.schedule([later, soon]);
      const waitMs = (await timers.nextDueInMs()) ?? 0;
      expect(waitMs).toBeLessThanOrEqual(30_000);
      expect(waitMs).toBeGreaterThan(28_000);
    });

    it("leaves to its hints what has not been due for long, but not what a claimer left behind", async () => {
      await timers.schedule([timer("long", -5_000), timer("just", -1)]);
      expect(ids(await timers.claimDue(10, 50, 2_000))).toEqual(["long"]);
      await factory.pass(120);
      expect(ids(await timers.claimDue(10, 60_000, 0)).includes("just")).toBe(true);
    });

    it("hints at each timer once, however many ask, and tells when the next one comes due", async () => {
      const hinted: string[] = [];
      const stop = await timers.listen((some) => hinted.push(...some));
      await timers.schedule([timer("past", -10), timer("soon", 100), timer("later", 60_000)]);
      await factory.pass(180);
      const waits = await Promise.all([timers.wake(100), timers.wake(100), timers.wake(100)]);
      for (const waitMs of waits) expect(waitMs ?? 60_000).toBeLessThanOrEqual(60_000);
      await eventually(
        () => new Set(hinted).size,
        (count) => count === 2,
        5_000,
      );
      expect([...new Set(hinted)].sort()).toEqual(["past", "soon"]);
      await stop();
    });

    it("never gives a cancelled timer", async () => {
      await timers.schedule([timer("a", 100), timer("b", 100)]);
      await timers.cancel(["a", "unknown"]);
      await factory.pass(160);
      expect(ids(await timers.claimDue(10, 60_000))).toEqual(["b"]);
    });

    it("finds every due timer in bounded bites", async () => {
      await timers.schedule(Array.from({ length: 300 }, (_, index) => timer(`t${index}`, -1)));
      const found: string[] = [];
      for (let bite = 0; bite < 100; bite += 1) {
        const claimed = await timers.claimDue(40, 60_000);
        if (claimed.length === 0) break;
        expect(claimed.length).toBeLessThanOrEqual(80);
        found.push(...ids(claimed));
        await timers.complete(ids(claimed));
      }
      expect(new Set(found).size).toBe(300);
      expect(await timers.pending()).toBe(0);
    });

    if (factory.hints) {
      it("hints at timers as they come due", async () => {
        const hinted = new Set<string>();
        const stop = await timers.listen((some) => {
          for (const id of some) hinted.add(id);
        });
        await timers.schedule([timer("soon", 100), timer("later", 60_000)]);
        await factory.pass(100);
        await eventually(
          async () => {
            // a store may hint only when a client looks, as Redis does
            await timers.wake(10);
            return hinted.has("soon");
          },
          (value) => value,
          5_000,
        );
        expect(hinted.has("later")).toBe(false);
        expect(ids(await timers.claim(["soon"], 1_000))).toEqual(["soon"]);
        await stop();
      });
    }
  });
};
