import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Claims } from "../../stores/claims/claims.js";
import { uniqueName } from "../support/scratch.js";

export interface PortFactory<Port> {
  readonly name: string;
  open(): Promise<Port>;
  /** Lets this much time pass for the port. */
  pass(ms: number): Promise<void>;
  /** Called after all tests. */
  dispose?(): Promise<void>;
}

const hourMs = 3_600_000;

/** Conformance suite of Claims. */
export const describeClaims = (factory: PortFactory<Claims>): void => {
  describe(`Claims on ${factory.name}`, () => {
    let claims: Claims;
    let key: string;
    beforeAll(async () => {
      claims = await factory.open();
    });
    beforeEach(() => {
      key = uniqueName("claim");
    });
    afterAll(async () => {
      await claims.close();
      await factory.dispose?.();
    });

    it("lets one of many win, and tells the others until when it is held", async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => claims.claim(key, `owner-${index}`, hourMs, hourMs)));
      expect(answers.filter((answer) => answer.state === "won")).toHaveLength(1);
      const held = answers.filter((answer) => answer.state === "held");
      expect(held).toHaveLength(19);
      for (const answer of held) expect(answer.state === "held" && answer.leaseEndsAtMs).toBeGreaterThan(Date.UTC(2025, 0, 1));
    });

    it("tells the outcome to whoever asks later, and the first outcome stands", async () => {
      await claims.claim(key, "a", hourMs, hourMs);
      expect(await claims.recorded(key)).toBeUndefined();
      expect(await claims.complete(key, "sent as 1", hourMs)).toBe("sent as 1");
      expect(await claims.recorded(key)).toBe("sent as 1");
      expect(await claims.complete(key, "sent as 2", hourMs)).toBe("sent as 1");
      expect(await claims.claim(key, "b", hourMs, hourMs)).toEqual({ state: "done", outcome: "sent as 1" });
      expect(await claims.claim(key, "a", hourMs, hourMs)).toEqual({ state: "done", outcome: "sent as 1" });
    });

    it("is taken over once its lease has ended without an outcome", async () => {
      await claims.claim(key, "a", 150, hourMs);
      expect((await claims.claim(key, "b", 150, hourMs)).state).toBe("held");
      await factory.pass(200);
      expect(await claims.claim(key, "b", hourMs, hourMs)).toEqual({ state: "taken_over", from: "a" });
      expect((await claims.claim(key, "a", hourMs, hourMs)).state).toBe("held");
    });

    it("is taken over at once by the owner that held it", async () => {
      await claims.claim(key, "a", hourMs, hourMs);
      expect(await claims.claim(key, "a", hourMs, hourMs)).toEqual({ state: "taken_over", from: "a" });
    });

    it("answers a repeated request as the first one, and begins its lease again", async () => {
      expect(await claims.claim(key, "a", 900, hourMs, "a1")).toEqual({ state: "won" });
      await factory.pass(600);
      expect(await claims.claim(key, "a", 900, hourMs, "a1")).toEqual({ state: "won" });
      await factory.pass(600);
      expect((await claims.claim(key, "b", 900, hourMs, "b1")).state).toBe("held");
      await factory.pass(600);
      for (const _time of [1, 2, 3]) expect(await claims.claim(key, "b", hourMs, hourMs, "b1")).toEqual({ state: "taken_over", from: "a" });
      // late, after another owner has taken the claim over
      expect((await claims.claim(key, "a", hourMs, hourMs, "a1")).state).toBe("held");
      expect(await claims.claim(key, "b", hourMs, hourMs, "b2")).toEqual({ state: "taken_over", from: "b" });
      expect(await claims.claim(key, "b", hourMs, hourMs, "b2")).toEqual({ state: "taken_over", from: "b" });
      await claims.complete(key, "sent", hourMs);
      expect(await claims.claim(key, "b", hourMs, hourMs, "b2")).toEqual({ state: "done", outcome: "sent" });
    });

    it("repeats requests with a nonce only, each key for itself", async () => {
      const requests = ["0", "1"].map((name) => ({ key: `${key}-${name}`, owner: "a", leaseMs: hourMs, ttlMs: hourMs }));
      expect((await claims.claimAll(requests.map((request) => ({ ...request, nonce: "n" })))).map(({ state }) => state)).toEqual([
        "won",
        "won",
      ]);
      const [again, other] = await claims.claimAll(requests.map((request, index) => (index === 0 ? { ...request, nonce: "n" } : request)));
      expect([again?.state, other?.state]).toEqual(["won", "taken_over"]);
      expect((await claims.claim(`${key}-1`, "a", hourMs, hourMs)).state).toBe("taken_over");
    });

    it("is forgotten after its time", async () => {
      await claims.claim(key, "a", 50, 150);
      await claims.complete(key, "sent", 150);
      await factory.pass(200);
      expect(await claims.claim(key, "b", hourMs, hourMs)).toEqual({ state: "won" });
    });

    it("decides once, for all who ask", async () => {
      expect(await claims.decided(key)).toBeUndefined();
      const stands = await Promise.all(["delivered:1", "failed:2", "expired:3"].map((value) => claims.decide(key, value, hourMs)));
      expect(new Set(stands).size).toBe(1);
      expect(await claims.decided(key)).toBe(stands[0]);
      expect(await claims.decide(key, "cancelled:4", hourMs)).toBe(stands[0]);
    });

    it("keeps claims and decisions apart", async () => {
      await claims.decide(key, "delivered", hourMs);
      expect(await claims.claim(key, "a", hourMs, hourMs)).toEqual({ state: "won" });
    });

    it("answers many keys at once, in the order of the requests, each key a step of its own", async () => {
      const keys = Array.from({ length: 700 }, (_, index) => `${key}-${index}`);
      const requests = keys.map((one) => ({ key: one, owner: "a", leaseMs: hourMs, ttlMs: hourMs }));
      await claims.claim(`${key}-3`, "b", hourMs, hourMs);
      await claims.complete(`${key}-5`, "sent before", hourMs);
      const claimed = await claims.claimAll([...requests, ...requests.slice(0, 1)]);
      expect(claimed.flatMap(({ state }, index) => (state === "won" ? [] : [[index, state]]))).toEqual([
        [3, "held"],
        [5, "done"],
        [700, "taken_over"],
      ]);
      const outcomes = await claims.completeAll(keys.map((one, index) => ({ key: one, outcome: `sent ${index}`, ttlMs: hourMs })));
      expect(outcomes).toEqual(keys.map((_, index) => (index === 5 ? "sent before" : `sent ${index}`)));
      expect(await claims.recordedAll([`${key}-699`, `${key}-none`, `${key}-5`])).toEqual(["sent 699", undefined, "sent before"]);
    });

    it("decides many keys at once, also one that is asked for twice", async () => {
      await claims.decide(`${key}-1`, "earlier", hourMs);
      const decisions = ["0", "1", "2", "0"].map((name, index) => ({ key: `${key}-${name}`, value: `by ${index}`, ttlMs: hourMs }));
      expect(await claims.decideAll(decisions)).toEqual(["by 0", "earlier", "by 2", "by 0"]);
      expect(await claims.decidedAll([`${key}-2`, `${key}-9`])).toEqual(["by 2", undefined]);
      expect([await claims.decideAll([]), await claims.decidedAll([]), await claims.claimAll([])]).toEqual([[], [], []]);
    });
  });
};
