import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Buckets } from "../../stores/buckets/buckets.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

const shape = { perSecond: 10, burst: 5 };

/** Conformance suite of Buckets. */
export const describeBuckets = (factory: PortFactory<Buckets>): void => {
  describe(`Buckets on ${factory.name}`, () => {
    let buckets: Buckets;
    let key: string;
    beforeAll(async () => {
      buckets = await factory.open();
    });
    beforeEach(() => {
      key = uniqueName("bucket");
    });
    afterAll(async () => {
      await buckets.close();
      await factory.dispose?.();
    });

    it("is full at first, and grants no more than it holds, however many ask", async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => buckets.take(key, 1, shape, 0)));
      expect(answers.filter(({ granted }) => granted === 1).length).toBeGreaterThanOrEqual(5);
      // one more token may have been refilled meanwhile
      expect(answers.filter(({ granted }) => granted === 1).length).toBeLessThanOrEqual(6);
      const refused = answers.filter(({ granted }) => granted === 0);
      for (const { waitMs } of refused) expect(waitMs).toBeGreaterThan(0);
    });

    it("grants a part of what is wanted, and tells how long the next takes", async () => {
      const { granted, waitMs } = await buckets.take(key, 8, shape, 0);
      expect(granted).toBe(5);
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(110);
    });

    it("fills by its rate, to its burst and no further", async () => {
      const quick = { perSecond: 50, burst: 5 };
      await buckets.take(key, 5, quick, 0);
      await factory.pass(70);
      expect((await buckets.take(key, 5, quick, 0)).granted).toBeGreaterThanOrEqual(3);
      await factory.pass(200);
      expect((await buckets.take(key, 50, quick, 0)).granted).toBe(5);
    });

    it("reports what it still holds", async () => {
      expect((await buckets.take(key, 2, shape, 0)).left).toBe(3);
      expect((await buckets.take(key, 5, shape, 1)).left).toBeLessThanOrEqual(2);
      await buckets.pause(key, 60_000);
      expect((await buckets.take(key, 1, shape, 0)).left).toBe(0);
    });

    it("leaves a reserve to those who may have it", async () => {
      expect((await buckets.take(key, 5, shape, 2)).granted).toBe(3);
      expect((await buckets.take(key, 1, shape, 2)).granted).toBe(0);
      expect((await buckets.take(key, 1, shape, 0)).granted).toBe(1);
    });

    it("grants nothing while it is paused, and the longer pause stands", async () => {
      await buckets.pause(key, 60_000);
      await buckets.pause(key, 50);
      const paused = await buckets.take(key, 1, shape, 0);
      expect(paused.granted).toBe(0);
      expect(paused.waitMs).toBeGreaterThan(30_000);
    });

    it("grants again once the pause is over", async () => {
      await buckets.pause(key, 150);
      expect((await buckets.take(key, 1, shape, 0)).granted).toBe(0);
      await factory.pass(200);
      expect((await buckets.take(key, 1, shape, 0)).granted).toBe(1);
    });

    it("keeps buckets apart", async () => {
      await buckets.take(key, 5, shape, 0);
      expect((await buckets.take(`${key}-other`, 5, shape, 0)).granted).toBe(5);
    });
  });
};
