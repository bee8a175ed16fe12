import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DeviceOfUser, type Directory, directoryBounds, type User } from "../../stores/directory/directory.js";
import { mostIdBytes } from "../../stores/id-keys.js";
import { uniqueName } from "../support/scratch.js";
import { awkwardIds, byUtf8 } from "./awkward-ids.js";
import { type DirectoryFactory, listAll, pushTokens, tokenOf, userPut } from "./directory-under-test.js";

/** Conformance suite of Directory. */
export const describeDirectory = (factory: DirectoryFactory): void => {
  describe(`Directory on ${factory.name}`, () => {
    let directory: Directory;
    let tenant: string;
    const token = (id: string, address: string): DeviceOfUser => tokenOf(tenant, id, address);
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

    it("gives back what was put, in the order of the question", async () => {
      expect(await directory.put([userPut(tenant, "ann"), userPut(tenant, "ben", { locale: null, attributes: {} })])).toEqual([
        { state: "stored", revision: 1 },
        { state: "stored", revision: 1 },
      ]);
      const [ben, nobody, ann] = await directory.get(["ben", "nobody", "ann"].map((id) => ({ tenant, id })));
      expect(nobody).toBeUndefined();
      expect(ben).toMatchObject({ tenant, id: "ben", locale: null, attributes: {}, revision: 1 });
      expect(ann).toEqual({
        ...{ tenant, id: "ann", locale: "de-DE", timeZone: "Europe/Berlin", revision: 1 },
        addresses: { email: "ann@example.com", sms: null, push: [], http: [], device: [] },
        attributes: { plan: "gold", age: 42, vip: true, tags: ["a", "b"] },
        createdAt: expect.any(Date),
        changedAt: expect.any(Date),
      });
    });

    it("replaces a user, keeps when it was created, and counts the revision", async () => {
      await put("ann");
      const before = await get("ann");
      await factory.pass(20);
      await directory.put([userPut(tenant, "ann", { addresses: { email: null, sms: "+4917012345" }, attributes: {} })]);
      const after = await get("ann");
      expect(after).toMatchObject({
        revision: 2,
        attributes: {},
        createdAt: before?.createdAt,
        addresses: { email: null, sms: "+4917012345" },
      });
      expect(after?.changedAt.getTime()).toBeGreaterThan(before?.changedAt.getTime() ?? 0);
    });

    it("stores only over the expected revision, item by item", async () => {
      await put("ann", "ben");
      const answers = await directory.put([
        userPut(tenant, "ann", { revision: 1, locale: "fr" }),
        userPut(tenant, "ann", { revision: 1, locale: "it" }),
        userPut(tenant, "ben", { revision: 7, locale: "es" }),
        userPut(tenant, "new", { revision: 0 }),
        userPut(tenant, "gone", { revision: 3 }),
      ]);
      expect(answers).toEqual([
        { state: "stored", revision: 2 },
        { state: "conflict", revision: 2 },
        { state: "conflict", revision: 1 },
        { state: "stored", revision: 1 },
        { state: "conflict", revision: 0 },
      ]);
      expect([(await get("ann"))?.locale, (await get("ben"))?.locale, await get("gone")]).toEqual(["fr", "de-DE", undefined]);
    });

    it("lets one of many writers of a revision win, and loses no unconditional put", async () => {
      await put("ann");
      const racing = await Promise.all(
        Array.from({ length: 8 }, (_, index) => directory.put([userPut(tenant, "ann", { revision: 1, locale: `l${index}` })])),
      );
      expect(racing.flat().filter(({ state }) => state === "stored")).toHaveLength(1);
      await Promise.all(Array.from({ length: 8 }, () => put("ann", "ben")));
      expect([(await get("ann"))?.revision, (await get("ben"))?.revision]).toEqual([10, 8]);
    });

    it("lists users page by page in order, each once", async () => {
      const ids = Array.from({ length: 25 }, (_, index) => `user-${index}`);
      await put(...ids);
      for (const limit of [1, 7, 25, 100])
        expect((await listAll(directory, tenant, limit)).map(({ id }) => id)).toEqual([...ids].sort(byUtf8));
    });

    it("finds users by exact address, page by page", async () => {
      const shared = { addresses: { email: "family@example.com", sms: null } };
      await directory.put(["a", "b", "c"].map((id) => userPut(tenant, id, shared)));
      const find = (address: string, after?: string, limit = 2) => directory.usersOf({ tenant, channel: "email", address, after, limit });
      expect(await find("family@example.com")).toEqual(["a", "b"]);
      expect(await find("family@example.com", "b")).toEqual(["c"]);
      expect(await find("family@example.co")).toEqual([]);
      expect(await directory.usersOf({ tenant, channel: "sms", address: "family@example.com", limit: 2 })).toEqual([]);
      await put("b");
      expect(await find("family@example.com")).toEqual(["a", "c"]);
    });

    it("forgets a user with everything of it, and tells what that was", async () => {
      await put("ann", "ben");
      await directory.register([token("ann", "t1"), token("ben", "t2")]);
      const [removed, nobody] = await directory.forget([
        { tenant, id: "ann" },
        { tenant, id: "nobody" },
      ]);
      expect([removed?.id, pushTokens(removed), nobody]).toEqual(["ann", ["t1"], undefined]);
      expect([await get("ann"), await pushOwners("t1")]).toEqual([undefined, []]);
      expect(await directory.usersOf({ tenant, channel: "email", address: "ann@example.com", limit: 5 })).toEqual([]);
      expect(pushTokens(await get("ben"))).toEqual(["t2"]);
      expect(await put("ann")).toEqual([{ state: "stored", revision: 1 }]);
      expect(pushTokens(await get("ann"))).toEqual([]);
    });

    it("keeps ids apart, whatever they contain, and tenants whose ids run into users'", async () => {
      const ids = awkwardIds(mostIdBytes.user);
      await directory.put(ids.map((id, index) => userPut(tenant, id, { addresses: { email: `${index}@example.com`, sms: null } })));
      const neighbours = [`${tenant}\0`, `${tenant}/`, `${tenant}\n`, `${tenant}a`, tenant.slice(0, -1)];
      await directory.put(neighbours.flatMap((other) => ids.map((id) => userPut(other, id, { locale: other }))));
      const all = await directory.get(ids.map((id) => ({ tenant, id })));
      expect(all.map((user) => user?.id)).toEqual(ids);
      expect(all.map((user) => user?.addresses.email)).toEqual(ids.map((_, index) => `${index}@example.com`));
      for (const limit of [2, 100]) expect((await listAll(directory, tenant, limit)).map(({ id }) => id)).toEqual([...ids].sort(byUtf8));
      for (const other of neighbours)
        expect((await listAll(directory, other, 100)).map(({ locale }) => locale)).toEqual(ids.map(() => other));
      await directory.register(ids.map((id) => token(id, `t ${id}`)));
      for (const id of ids) expect(await pushOwners(`t ${id}`)).toEqual([id]);
      await directory.forget(ids.map((id) => ({ tenant, id })));
      expect(await listAll(directory, tenant, 100)).toEqual([]);
      expect(await listAll(directory, neighbours[0] ?? "", 100)).toHaveLength(ids.length);
    });

    it("refuses ids that no store can keep", async () => {
      const refused = expect.objectContaining({ code: "INPUT_INVALID" });
      for (const id of ["", "x".repeat(mostIdBytes.user + 1), "half \ud83d of a pair"]) {
        await expect(put("ann", id)).rejects.toThrow(refused);
        await expect(directory.get([{ tenant, id }])).rejects.toThrow(refused);
      }
      expect(await get("ann")).toBeUndefined();
    });

    it("answers nothing to nothing, and handles a full batch", async () => {
      expect([await directory.get([]), await directory.put([]), await directory.register([]), await directory.unregister([])]).toEqual([
        [],
        [],
        [],
        [],
      ]);
      expect(await directory.forget([])).toEqual([]);
      const ids = Array.from({ length: directoryBounds.batch }, (_, index) => `u${index}`);
      expect((await put(...ids)).every(({ state }) => state === "stored")).toBe(true);
      expect((await directory.register(ids.map((id) => token(id, `t-${id}`)))).every(Boolean)).toBe(true);
      const users = await directory.get(ids.map((id) => ({ tenant, id })));
      expect(users.map((user) => pushTokens(user)[0])).toEqual(ids.map((id) => `t-${id}`));
    });

    it("refuses more items than a call takes, before it changes anything", async () => {
      const ids = Array.from({ length: directoryBounds.batch + 1 }, (_, index) => `u${index}`);
      const refused = expect.objectContaining({ code: "INPUT_INVALID" });
      await expect(put(...ids)).rejects.toThrow(refused);
      await expect(directory.register(ids.map((id) => token(id, `t-${id}`)))).rejects.toThrow(refused);
      await expect(directory.forget(ids.map((id) => ({ tenant, id })))).rejects.toThrow(refused);
      expect(await directory.list({ tenant, limit: 9 })).toEqual([]);
    });
  });
};
