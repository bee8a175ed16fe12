import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../stores/clock.js";
import type { GroupKey, Subscriptions } from "../../stores/subscriptions/subscriptions.js";
import { createRandom } from "../simulation/random.js";
import { uniqueName } from "../support/scratch.js";
import {
  type AfterStep,
  createModel,
  groupPut,
  inScanOrder,
  type SubscriptionsFactory,
  scanAll,
  usersOf,
} from "./subscriptions-under-test.js";

const all = (users: readonly string[]) => users.map((user) => ({ user, channels: [] }));
const [writers, changesEach] = [8, 12];

/** Never continues: what other processes see of one that was killed there. */
const dead: AfterStep = () => new Promise(() => undefined);

const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
};

/** Conformance suite of Subscriptions: many writers and readers of one group, and writers that end in the middle. */
export const describeSubscriptionRaces = (factory: SubscriptionsFactory): void => {
  describe(`concurrent Subscriptions on ${factory.name}`, () => {
    const { another } = factory;
    let subscriptions: Subscriptions;
    let key: GroupKey;
    const group = async () => (await subscriptions.getGroups([key]))[0];
    const open = async (afterStep: AfterStep): Promise<Subscriptions> => (typeof another === "string" ? subscriptions : another(afterStep));
    beforeAll(async () => {
      subscriptions = await factory.open();
    });
    beforeEach(async () => {
      key = { tenant: uniqueName("tenant"), group: "news" };
      await subscriptions.putGroups([groupPut(key.tenant, key.group)]);
    });
    afterAll(async () => {
      await subscriptions.close();
      await factory.dispose?.();
    });

    it("gives every reader whole versions while eight writers join and leave with pauses between all steps", async () => {
      const random = createRandom(1, "writers");
      const pause: AfterStep = () => systemClock.sleep(random.between(0, 8));
      const processes = await Promise.all(Array.from({ length: writers }, () => open(pause)));
      const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);
      const model = createModel();
      let writing = true;
      const scans = new Map<number, readonly string[]>();
      const write = async (own: Subscriptions): Promise<void> => {
        for (let change = 0; change < changesEach; change += 1) {
          const some = [...new Set(Array.from({ length: random.between(1, 15) }, () => random.pick(users)))];
          if (random.chance(0.6)) model.record(await own.join(key, all(some)), some, "joined");
          else model.record(await own.leave(key, some), some, "left");
        }
      };
      const read = async (own: Subscriptions): Promise<void> => {
        while (writing) {
          const [now] = await own.getGroups([key]);
          const version = now?.version ?? 0;
          const seen = usersOf(await scanAll(own, key, version, { limit: 7 }));
          expect(seen).toHaveLength(now?.members ?? -1);
          const earlier = scans.get(version);
          if (earlier) expect(seen).toEqual(earlier);
          scans.set(version, seen);
          await systemClock.sleep(1);
        }
      };
      const reading = Promise.all([read(subscriptions), read(processes[0] ?? subscriptions)]);
      reading.catch(() => undefined);
      await Promise.all(processes.map(write)).finally(() => {
        writing = false;
      });
      await reading;
      expect(new Set(model.versions()).size).toBe(model.versions().length);
      for (const [version, seen] of scans) expect(seen, `scanned at ${version}`).toEqual(model.at(version));
      for (const version of model.versions()) expect(usersOf(await scanAll(subscriptions, key, version))).toEqual(model.at(version));
      const last = await group();
      expect(last?.members).toBe(model.at(last?.version ?? 0).length);
      if (typeof another !== "string") await Promise.all(processes.map((own) => own.close()));
    });

    // a store whose changes are one step, as `another` says, has no writer that ends between two
    if (typeof another === "string") return;

    it("shows nothing of a writer that ends between its rows and their publication", async () => {
      await subscriptions.join(key, all(["ann", "ben"]));
      const before = await group();
      for (const kind of ["join", "leave"] as const) {
        const wrote = gate();
        const dying = await open(async (step) => {
          if (step !== "rows") return;
          wrote.open();
          await dead(step);
        });
        (kind === "join" ? dying.join(key, all(["cem", "dan"])) : dying.leave(key, ["ann"])).catch(() => undefined);
        await wrote.opened;
        expect(await group()).toEqual(before);
        expect(usersOf(await scanAll(subscriptions, key, before?.version ?? 0))).toEqual(inScanOrder(["ann", "ben"]));
      }
      const joined = await subscriptions.join(key, all(["dan", "eve"]));
      expect(joined).toMatchObject({ members: 4, changed: [true, true] });
      expect(usersOf(await scanAll(subscriptions, key, joined?.version ?? 0))).toEqual(inScanOrder(["ann", "ben", "dan", "eve"]));
      expect(usersOf(await scanAll(subscriptions, key, before?.version ?? 0))).toEqual(inScanOrder(["ann", "ben"]));
      const left = await subscriptions.leave(key, ["ann", "cem"]);
      expect(left).toMatchObject({ members: 3, changed: [true, false] });
      expect(await subscriptions.forgetLeft(key, left?.version ?? 0)).toBeGreaterThanOrEqual(3);
      expect(usersOf(await scanAll(subscriptions, key, left?.version ?? 0))).toEqual(inScanOrder(["ben", "dan", "eve"]));
    });

    it("is not harmed by a writer that continues long after others took its place", async () => {
      await subscriptions.join(key, all(["ann", "ben"]));
      for (const step of ["claimed", "rows"] as const) {
        const [reached, wake] = [gate(), gate()];
        const sleeper = await open(async (at) => {
          if (at !== step) return;
          reached.open();
          await wake.opened;
        });
        const slow = sleeper.join(key, all(["cem", "ann"]));
        const late = sleeper.leave(key, ["ben"]);
        await reached.opened;
        const then = await subscriptions.join(key, all([`meanwhile-${step}`]));
        const seen = usersOf(await scanAll(subscriptions, key, then?.version ?? 0));
        expect(seen).not.toContain("cem");
        wake.open();
        const [joined, left] = await Promise.all([slow, late]);
        expect(joined?.version).toBeGreaterThan(then?.version ?? 0);
        expect(usersOf(await scanAll(subscriptions, key, then?.version ?? 0))).toEqual(seen);
        const end = await group();
        expect(end?.version).toBe(Math.max(joined?.version ?? 0, left?.version ?? 0));
        const members = usersOf(await scanAll(subscriptions, key, end?.version ?? 0));
        expect(members).toHaveLength(end?.members ?? -1);
        expect(members).toEqual(expect.arrayContaining(["ann", "cem", `meanwhile-${step}`]));
        expect(members).not.toContain("ben");
        await subscriptions.leave(key, ["cem"]);
        await subscriptions.join(key, all(["ben"]));
        await sleeper.close();
      }
    });
  });
};
