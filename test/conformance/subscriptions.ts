import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mostIdBytes } from "../../stores/id-keys.js";
import { bucketsOf } from "../../stores/subscriptions/hash32.js";
import { type Group, type GroupKey, mostSubscriptionsAtOnce, type Subscriptions } from "../../stores/subscriptions/subscriptions.js";
import { uniqueName } from "../support/scratch.js";
import { awkwardIds, byUtf8 } from "./awkward-ids.js";
import { groupPut, inScanOrder, type SubscriptionsFactory, scanAll, usersOf } from "./subscriptions-under-test.js";

const names = (count: number, prefix = "user"): string[] => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const all = (users: readonly string[], ...channels: readonly string[]) => users.map((user) => ({ user, channels }));

/** Conformance suite of Subscriptions: one caller at a time. See also subscriptions-races.ts. */
export const describeSubscriptions = (factory: SubscriptionsFactory): void => {
  describe(`Subscriptions on ${factory.name}`, () => {
    let subscriptions: Subscriptions;
    let tenant: string;
    let key: GroupKey;
    const group = async (): Promise<Group | undefined> => (await subscriptions.getGroups([key]))[0];
    const version = async (): Promise<number> => (await group())?.version ?? -1;
    const members = async (): Promise<string[]> => usersOf(await scanAll(subscriptions, key, await version()));
    const groupsOf = async (user: string, limit = 100, after?: string): Promise<string[]> =>
      (await subscriptions.groupsOf({ tenant, user, after, limit })).map((one) => one.group);
    beforeAll(async () => {
      subscriptions = await factory.open();
    });
    beforeEach(async () => {
      tenant = uniqueName("tenant");
      key = { tenant, group: "news" };
      await subscriptions.putGroups([groupPut(tenant, "news")]);
    });
    afterAll(async () => {
      await subscriptions.close();
      await factory.dispose?.();
    });

    it("puts, gets and lists groups, and changes a name without the members", async () => {
      await subscriptions.join(key, all(["ann"]));
      const more = await subscriptions.putGroups([
        groupPut(tenant, "b"),
        groupPut(tenant, "a"),
        { ...groupPut(tenant, "news"), name: null },
      ]);
      expect(more.map(({ group, name, members }) => [group, name, members])).toEqual([
        ["b", "Group b", 0],
        ["a", "Group a", 0],
        ["news", null, 1],
      ]);
      const found = await subscriptions.getGroups([{ tenant, group: "none" }, key]);
      expect(found[0]).toBeUndefined();
      expect(found[1]).toEqual({
        ...{ tenant, group: "news", name: null, attributes: { kind: "test" }, members: 1, version: expect.any(Number) },
        createdAt: expect.any(Date),
        changedAt: expect.any(Date),
      });
      const listed = async (limit: number, after?: string) =>
        (await subscriptions.listGroups({ tenant, after, limit })).map((one) => one.group);
      expect([await listed(2), await listed(2, "b"), await listed(9)]).toEqual([["a", "b"], ["news"], ["a", "b", "news"]]);
    });

    it("joins and leaves with exact counts, and tells what changed", async () => {
      expect(await subscriptions.join(key, all(["ann", "ben", "cem"], "email"))).toMatchObject({ members: 3, changed: [true, true, true] });
      const again = await subscriptions.join(key, all(["ben", "dan"], "email"));
      expect(again).toMatchObject({ members: 4, changed: [false, true] });
      expect(await subscriptions.leave(key, ["ann", "nobody"])).toMatchObject({ members: 3, changed: [true, false] });
      expect(await group()).toMatchObject({ members: 3, version: expect.any(Number) });
      expect(await members()).toEqual(inScanOrder(["ben", "cem", "dan"]));
      expect(await scanAll(subscriptions, key, again?.version ?? 0)).toHaveLength(4);
    });

    it("publishes no version for a repeated join or leave", async () => {
      const first = await subscriptions.join(key, all(["ann", "ben"], "sms", "email"));
      expect(await subscriptions.join(key, all(["ben", "ann"], "email", "sms", "email"))).toEqual({ ...first, changed: [false, false] });
      const left = await subscriptions.leave(key, ["ann"]);
      expect(await subscriptions.leave(key, ["ann"])).toEqual({ ...left, changed: [false] });
      expect([await version(), left?.members]).toEqual([left?.version, 1]);
    });

    it("lets the last of several items for a user count", async () => {
      const joined = await subscriptions.join(key, [...all(["ann"], "email"), ...all(["ben"]), ...all(["ann"], "push")]);
      expect(joined).toMatchObject({ members: 2, changed: [false, true, true] });
      const rows = await scanAll(subscriptions, key, joined?.version ?? 0);
      expect(rows.find(({ user }) => user === "ann")?.channels).toEqual(["push"]);
    });

    it("changes channels under a new version, without counting the user twice", async () => {
      const before = await subscriptions.join(key, all(["ann"], "email"));
      const after = await subscriptions.join(key, all(["ann"], "push"));
      expect(after).toMatchObject({ members: 1, changed: [true] });
      const channelsAt = async (at = 0) => (await scanAll(subscriptions, key, at)).map(({ channels }) => channels);
      expect([await channelsAt(before?.version), await channelsAt(after?.version)]).toEqual([[["email"]], [["push"]]]);
    });

    it("knows no members of a group that it does not know", async () => {
      const none = { tenant, group: "none" };
      expect([await subscriptions.join(none, all(["ann"])), await subscriptions.leave(none, ["ann"])]).toEqual([undefined, undefined]);
      expect(await scanAll(subscriptions, none, 9)).toEqual([]);
      expect([await subscriptions.removeGroup(none), await subscriptions.forgetLeft(none, 9), await groupsOf("ann")]).toEqual([
        false,
        0,
        [],
      ]);
    });

    it("gives the same rows in the same order for a version, whatever happens meanwhile", async () => {
      const users = names(60);
      const then = (await subscriptions.join(key, all(users, "email")))?.version ?? 0;
      const before = await scanAll(subscriptions, key, then);
      expect(usersOf(before)).toEqual(inScanOrder(users));
      const page = await subscriptions.scan({ ...key, version: then, bucket: { from: 0, end: 2 ** 32 }, limit: 20 });
      await subscriptions.leave(key, users.slice(0, 30));
      await subscriptions.join(key, all(names(20, "new")));
      await subscriptions.join(key, all(users.slice(0, 15), "push"));
      await subscriptions.join(key, all(users.slice(40), "sms"));
      expect(await scanAll(subscriptions, key, then, { limit: 7 })).toEqual(before);
      const rest = await subscriptions.scan({ ...key, version: then, bucket: { from: 0, end: 2 ** 32 }, after: page.next, limit: 40 });
      expect([...page.members, ...rest.members]).toEqual(before);
      expect(await members()).toEqual(inScanOrder([...users.slice(0, 15), ...users.slice(30), ...names(20, "new")]));
      expect((await group())?.members).toBe(65);
    });

    it("covers a group by its buckets, each member once and in order, with pages of any size", async () => {
      const users = names(300);
      const at = (await subscriptions.join(key, all(users)))?.version ?? 0;
      for (const [count, limit] of [
        [1, 1],
        [2, 300],
        [3, 50],
        [7, 11],
        [64, 2],
      ] as const) {
        const found: string[] = [];
        for (const bucket of bucketsOf(count)) found.push(...usersOf(await scanAll(subscriptions, key, at, { bucket, limit })));
        expect(found, `${count} buckets`).toEqual(inScanOrder(users));
      }
    });

    it("keeps rows of former members until no reader needs them", async () => {
      const users = names(10);
      const first = (await subscriptions.join(key, all(users)))?.version ?? 0;
      const second = (await subscriptions.leave(key, users.slice(0, 4)))?.version ?? 0;
      const third = (await subscriptions.leave(key, users.slice(4, 7)))?.version ?? 0;
      const [atFirst, atSecond, atThird] = await Promise.all([first, second, third].map((at) => scanAll(subscriptions, key, at)));
      expect(await subscriptions.forgetLeft(key, first)).toBe(0);
      expect(await scanAll(subscriptions, key, first)).toEqual(atFirst);
      expect(await subscriptions.forgetLeft(key, second)).toBe(4);
      expect([await scanAll(subscriptions, key, second), await scanAll(subscriptions, key, third)]).toEqual([atSecond, atThird]);
      expect(await subscriptions.forgetLeft(key, third + 100)).toBe(3);
      expect(await scanAll(subscriptions, key, third)).toEqual(atThird);
      expect((await group())?.members).toBe(3);
    });

    it("refuses more members than a call takes", async () => {
      const refused = expect.objectContaining({ code: "INPUT_INVALID" });
      await expect(subscriptions.join(key, all(names(mostSubscriptionsAtOnce + 1)))).rejects.toThrow(refused);
      expect((await group())?.members).toBe(0);
    });

    it("removes a group with its members, which a later group of its id does not get back", async () => {
      await subscriptions.join(key, all(names(30)));
      const before = await version();
      expect([await subscriptions.removeGroup(key), await subscriptions.removeGroup(key)]).toEqual([true, false]);
      expect([await group(), await scanAll(subscriptions, key, before), await groupsOf("user-1")]).toEqual([undefined, [], []]);
      expect(await subscriptions.listGroups({ tenant, limit: 9 })).toEqual([]);
      expect(await subscriptions.forgetUsers([{ tenant, user: "user-1" }])).toBe(0);
      const [again] = await subscriptions.putGroups([groupPut(tenant, "news")]);
      expect(again).toMatchObject({ members: 0, name: "Group news" });
      const joined = await subscriptions.join(key, all(["ann", "user-2"]));
      expect(joined?.version).toBeGreaterThan(before);
      expect([await members(), joined?.members]).toEqual([inScanOrder(["ann", "user-2"]), 2]);
    });

    it("keeps ids apart, whatever they contain, and tenants whose ids run into groups'", async () => {
      const groups = awkwardIds(mostIdBytes.group);
      const users = awkwardIds(mostIdBytes.user);
      const neighbours = [tenant, `${tenant}\0`, `${tenant}/a`, `${tenant}\n`];
      for (const other of neighbours) await subscriptions.putGroups(groups.map((one) => groupPut(other, one)));
      for (const [index, one] of groups.entries()) await subscriptions.join({ tenant, group: one }, all(users.slice(index % 3)));
      await subscriptions.join({ tenant: `${tenant}\0`, group: "a" }, all(["theirs"]));
      for (const [index, one] of groups.entries()) {
        const [stored] = await subscriptions.getGroups([{ tenant, group: one }]);
        expect(usersOf(await scanAll(subscriptions, { tenant, group: one }, stored?.version ?? 0, { limit: 9 }))).toEqual(
          inScanOrder(users.slice(index % 3)),
        );
      }
      const listed = await subscriptions.listGroups({ tenant, limit: 100 });
      expect(listed.map((one) => one.group)).toEqual([...groups, "news"].sort(byUtf8));
      const last = users.at(-1) ?? "";
      expect(await groupsOf(last)).toEqual([...groups].sort(byUtf8));
      await subscriptions.forgetUsers([{ tenant, user: last }]);
      expect(await groupsOf(users[3] ?? "")).toHaveLength(groups.length);
      await subscriptions.removeGroup({ tenant, group: "a" });
      expect((await subscriptions.getGroups([{ tenant: `${tenant}\0`, group: "a" }]))[0]?.members).toBe(1);
      expect((await subscriptions.getGroups([{ tenant, group: "a\0b" }]))[0]?.members).toBeGreaterThan(20);
    });

    it("refuses ids that no store can keep, before it changes anything", async () => {
      const refused = expect.objectContaining({ code: "INPUT_INVALID" });
      for (const user of ["", "x".repeat(mostIdBytes.user + 1), "\udc00"])
        await expect(subscriptions.join(key, all(["ann", user]))).rejects.toThrow(refused);
      await expect(subscriptions.putGroups([groupPut(tenant, "x".repeat(mostIdBytes.group + 1))])).rejects.toThrow(refused);
      expect((await group())?.members).toBe(0);
    });
  });
};
