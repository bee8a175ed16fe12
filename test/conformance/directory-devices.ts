import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../stores/clock.js";
import { type DeviceOfUser, type Directory, directoryBounds, type User } from "../../stores/directory/directory.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";
import { type DirectoryFactory, listAll, pushTokens, tokenOf, userPut } from "./directory-under-test.js";

/** Conformance suite of Directory: the tokens that devices register. */
export const describeDirectoryDevices = (factory: DirectoryFactory): void => {
  describe(`devices in a Directory on ${factory.name}`, () => {
    let directory: Directory;
    let tenant: string;
    const token = (id: string, address: string, app?: string | null): DeviceOfUser => tokenOf(tenant, id, address, app);
    const get = async (id: string): Promise<User | undefined> => (await directory.get([{ tenant, id }]))[0];
    const put = (...ids: readonly string[]) => directory.put(ids.map((id) => userPut(tenant, id)));
    const pushOwners = (address: string): Promise<readonly string[]> => directory.usersOf({ tenant, channel: "push", address, limit: 10 });
    beforeAll(async () => {
      directory = await factory.open();
    });
    beforeEach(() => {
      tenant = uniqueName("tenant");
    });
    afterAll(async () => {
      await directory.close();
      await factory.dispose?.();
    });

    it("keeps registrations through a put, and renews one that is registered again", async () => {
      await put("ann");
      expect(await directory.register([token("ann", "t1"), token("ann", "t1", "other"), token("nobody", "t2")])).toEqual([
        true,
        true,
        false,
      ]);
      const first = (await get("ann"))?.addresses.push.find(({ app }) => app === "app");
      await factory.pass(20);
      await directory.register([token("ann", "t1")]);
      await put("ann");
      const push = (await get("ann"))?.addresses.push ?? [];
      expect(push.map(({ address, app }) => `${address} ${app}`).sort()).toEqual(["t1 app", "t1 other"]);
      expect(push.find(({ app }) => app === "app")?.registeredAt.getTime()).toBeGreaterThan(first?.registeredAt.getTime() ?? 0);
      expect(await pushOwners("t1")).toEqual(["ann"]);
      expect(await pushOwners("t2")).toEqual([]);
    });

    it("moves a token to the user that registers it last, and from no other app, channel or tenant", async () => {
      await put("ann", "ben");
      const elsewhere = uniqueName("tenant");
      await directory.put([userPut(elsewhere, "eve")]);
      await directory.register([token("ann", "t1"), token("ann", "t1", null), { ...token("ann", "t1"), channel: "device" }]);
      await directory.register([{ ...token("eve", "t1"), tenant: elsewhere }]);
      await directory.register([token("ben", "t1")]);
      expect((await get("ann"))?.addresses).toMatchObject({ push: [{ app: null }], device: [{ address: "t1" }] });
      expect(pushTokens(await get("ben"))).toEqual(["t1"]);
      expect(await pushOwners("t1")).toEqual(["ann", "ben"]);
      expect(pushTokens((await directory.get([{ tenant: elsewhere, id: "eve" }]))[0])).toEqual(["t1"]);
    });

    it("registers a token that one call has twice for the last user", async () => {
      await put("ann", "ben");
      expect(await directory.register([token("ann", "t1"), token("ben", "t1"), token("ann", "t2")])).toEqual([true, true, true]);
      expect([pushTokens(await get("ann")), pushTokens(await get("ben"))]).toEqual([["t2"], ["t1"]]);
    });

    it("has exactly one owner of a token after concurrent registrations by two processes", async () => {
      const ids = Array.from({ length: 8 }, (_, index) => `user-${index}`);
      await put(...ids);
      const other = (await factory.another?.()) ?? directory;
      for (let round = 0; round < 5; round += 1) {
        await Promise.all(ids.map((id, index) => (index % 2 ? other : directory).register([token(id, "t1"), token(id, `own-${id}`)])));
        const owners = (await listAll(directory, tenant, 100)).filter((user) => pushTokens(user).includes("t1"));
        expect(owners).toHaveLength(1);
        expect(await pushOwners("t1")).toEqual(owners.map(({ id }) => id));
        expect(await pushOwners("own-user-3")).toEqual(["user-3"]);
      }
      if (other !== directory) await other.close();
    });

    it("leaves no token of a user that is forgotten while it registers", async () => {
      const other = (await factory.another?.()) ?? directory;
      for (let round = 0; round < 20; round += 1) {
        const address = uniqueName("gone");
        await put("ann");
        const forgetting = systemClock.sleep(round % 10).then(() => directory.forget([{ tenant, id: "ann" }]));
        await Promise.all([other.register([token("ann", address)]), forgetting]);
        expect([await pushOwners(address), (await factory.registrationsOf?.(address)) ?? 0]).toEqual([[], 0]);
        await put("ann");
        expect(pushTokens(await get("ann"))).toEqual([]);
      }
      if (other !== directory) await other.close();
    });

    it("keeps the token of a user who is put again while the former one is forgotten", async () => {
      const other = (await factory.another?.()) ?? directory;
      for (let round = 0; round < 10; round += 1) {
        await put("ann");
        await directory.register([token("ann", "former")]);
        const forgetting = other.forget([{ tenant, id: "ann" }]);
        await eventually(
          () => get("ann"),
          (user) => user === undefined,
          15_000,
          1,
        );
        await put("ann");
        await directory.register([token("ann", "new")]);
        await forgetting;
        expect(pushTokens(await get("ann"))).toEqual(["new"]);
        await directory.forget([{ tenant, id: "ann" }]);
      }
      if (other !== directory) await other.close();
    });

    it("removes a dead token only if it was registered before, and only from the named user", async () => {
      await put("ann");
      await directory.register([token("ann", "t1")]);
      const registeredAt = (await get("ann"))?.addresses.push[0]?.registeredAt ?? new Date(0);
      const { id: _, ...dead } = token("ann", "t1");
      const later = new Date(registeredAt.getTime() + 1);
      expect(await directory.unregister([{ ...dead, before: registeredAt }])).toEqual([false]);
      expect(
        await directory.unregister([
          { ...dead, id: "ben" },
          { ...dead, app: null },
          { ...dead, channel: "http" },
        ]),
      ).toEqual([false, false, false]);
      expect(pushTokens(await get("ann"))).toEqual(["t1"]);
      expect(await directory.unregister([{ ...dead, before: later }, dead])).toEqual([true, false]);
      expect([pushTokens(await get("ann")), await pushOwners("t1")]).toEqual([[], []]);
    });

    it("bounds the registrations of a user and channel, and gives up the oldest", async () => {
      await put("ann");
      await directory.register([token("ann", "oldest")]);
      await factory.pass(20);
      const tokens = Array.from({ length: directoryBounds.registrations }, (_, index) => token("ann", `t${index}`));
      await directory.register(tokens);
      await directory.register([{ ...token("ann", "endpoint"), channel: "http" }]);
      const user = await get("ann");
      expect(pushTokens(user)).toEqual(tokens.map(({ address }) => address).sort());
      expect(user?.addresses.http).toHaveLength(1);
      expect(await pushOwners("oldest")).toEqual([]);
    });
  });
};
