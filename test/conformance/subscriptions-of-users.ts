import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GroupKey, Subscriptions } from "../../stores/subscriptions/subscriptions.js";
import { uniqueName } from "../support/scratch.js";
import { groupPut, type SubscriptionsFactory, scanAll, usersOf } from "./subscriptions-under-test.js";

const all = (users: readonly string[], ...channels: readonly string[]) => users.map((user) => ({ user, channels }));

/** Conformance suite of Subscriptions: the groups of one user, and forgetting it. */
export const describeSubscriptionsOfUsers = (factory: SubscriptionsFactory): void => {
  describe(`Subscriptions of users on ${factory.name}`, () => {
    let subscriptions: Subscriptions;
    let tenant: string;
    let key: GroupKey;
    const version = async (): Promise<number> => (await subscriptions.getGroups([key]))[0]?.version ?? -1;
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

    it("finds the groups of a user, and forgets the user in all of them", async () => {
      const others = ["alpha", "beta", "gamma"].map((name) => ({ tenant, group: name }));
      await subscriptions.putGroups(others.map((one) => groupPut(tenant, one.group)));
      for (const one of [key, ...others]) await subscriptions.join(one, all(["ann", "ben"]));
      await subscriptions.leave({ tenant, group: "beta" }, ["ann"]);
      expect([await groupsOf("ann"), await groupsOf("ann", 1), await groupsOf("ann", 9, "alpha")]).toEqual([
        ["alpha", "gamma", "news"],
        ["alpha"],
        ["gamma", "news"],
      ]);
      expect(
        await subscriptions.forgetUsers([
          { tenant, user: "ann" },
          { tenant, user: "nobody" },
        ]),
      ).toBe(4);
      expect([await groupsOf("ann"), await groupsOf("ben")]).toEqual([[], ["alpha", "beta", "gamma", "news"]]);
      expect((await subscriptions.getGroups([key, ...others])).map((one) => one?.members)).toEqual([1, 1, 1, 1]);
      expect(await members()).toEqual(["ben"]);
      expect(await subscriptions.forgetUsers([{ tenant, user: "ann" }])).toBe(0);
    });

    it("finds the groups of a user behind any number of former memberships", async () => {
      const others = ["alpha", "alpha2", "beta", "zeta"].map((name) => ({ tenant, group: name }));
      await subscriptions.putGroups(others.map((one) => groupPut(tenant, one.group)));
      for (const one of [key, ...others]) {
        for (let turn = 0; turn < 3; turn += 1) {
          await subscriptions.join(one, all(["ann"]));
          await subscriptions.leave(one, ["ann"]);
        }
      }
      for (const one of others.slice(1)) await subscriptions.join(one, all(["ann"]));
      expect([
        await groupsOf("ann"),
        await groupsOf("ann", 1),
        await groupsOf("ann", 9, "alpha2"),
        await groupsOf("ann", 9, "zeta"),
      ]).toEqual([["alpha2", "beta", "zeta"], ["alpha2"], ["beta", "zeta"], []]);
    });

    it("forgets the whole history of a user, and keeps a membership that begins afterwards", async () => {
      const other = { tenant, group: "other" };
      await subscriptions.putGroups([groupPut(tenant, "other")]);
      for (const channel of ["email", "sms", "push"]) await subscriptions.join(key, all(["ann", "ben"], channel));
      await subscriptions.join(other, all(["ann"]));
      expect(await subscriptions.forgetUsers([{ tenant, user: "ann" }])).toBe(4);
      const joined = await subscriptions.join(key, all(["ann"]));
      expect(joined).toMatchObject({ members: 2, changed: [true] });
      expect([await groupsOf("ann"), (await scanAll(subscriptions, key, await version())).length]).toEqual([["news"], 2]);
      expect((await subscriptions.getGroups([other]))[0]?.members).toBe(0);
    });
  });
};
