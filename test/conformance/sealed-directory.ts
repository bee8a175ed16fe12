import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeviceOfUser, Directory } from "../../stores/directory/directory.js";
import { createKeyRing } from "../../stores/sealed/key-ring.js";
import { sealedDirectory } from "../../stores/sealed/sealed-directory.js";
import { uniqueName } from "../support/scratch.js";
import { type DirectoryFactory, userPut } from "./directory-under-test.js";

const secret = (): string => randomBytes(32).toString("base64");
const keys = { old: { secret: secret() }, young: { secret: secret() } };
const rings = {
  old: createKeyRing({ active: "old", keys }),
  young: createKeyRing({ active: "young", keys }),
  off: createKeyRing({ active: null, keys }),
};

/** Requirements of encryption on a Directory: nothing private is readable in the store, and everything is found under every key. */
export const describeSealedDirectory = (factory: DirectoryFactory): void => {
  describe(`an encrypted Directory on ${factory.name}`, () => {
    let raw: Directory;
    let [old, young, off] = [{} as Directory, {} as Directory, {} as Directory];
    let tenant: string;
    const token = (id: string, address = "token-1"): DeviceOfUser => ({ tenant, id, channel: "push", address, app: "app" });
    const get = async (directory: Directory, id: string) => (await directory.get([{ tenant, id }]))[0];
    const tokensOf = async (id: string) => (await get(young, id))?.addresses.push.map(({ address }) => address).sort();
    beforeAll(async () => {
      raw = await factory.open();
      [old, young, off] = [sealedDirectory(raw, rings.old), sealedDirectory(raw, rings.young), sealedDirectory(raw, rings.off)];
    });
    beforeEach(() => {
      tenant = uniqueName("tenant");
    });
    afterAll(async () => {
      await raw.close();
      await factory.dispose?.();
    });

    it("stores no address and no attribute readably, and reads everything back", async () => {
      const addresses = { email: "anna@example.com", sms: "+4917012345" };
      await young.put([userPut(tenant, "ann", { addresses, attributes: { city: "Wupper", age: 42, tags: ["knits"] } })]);
      await young.register([token("ann")]);
      const stored = JSON.stringify([await get(raw, "ann"), await raw.list({ tenant, limit: 5 })]);
      for (const text of ["anna", "example", "4917", "token-1", "city", "Wupper", "knits"]) expect(stored).not.toContain(text);
      const open = await get(young, "ann");
      expect(open).toMatchObject({ attributes: { city: "Wupper", age: 42, tags: ["knits"] }, locale: "de-DE" });
      expect(open?.addresses).toMatchObject({ ...addresses, push: [{ address: "token-1", app: "app", registeredAt: expect.any(Date) }] });
      expect(await young.list({ tenant, limit: 5 })).toEqual([open]);
      expect(await young.forget([{ tenant, id: "ann" }])).toEqual([open]);
    });

    it("finds and reads users under every key of the ring, and those that were never sealed", async () => {
      const shared = { addresses: { email: "family@example.com", sms: null } };
      await off.put([userPut(tenant, "plain", shared)]);
      await old.put([userPut(tenant, "old", shared)]);
      await young.put([userPut(tenant, "young", shared)]);
      const find = (directory: Directory, after?: string, limit = 9) =>
        directory.usersOf({ tenant, channel: "email", address: "family@example.com", after, limit });
      for (const directory of [old, young, off]) expect(await find(directory)).toEqual(["old", "plain", "young"]);
      expect([await find(young, undefined, 2), await find(young, "plain", 2)]).toEqual([["old", "plain"], ["young"]]);
      for (const id of ["plain", "old", "young"]) expect(await get(young, id)).toMatchObject({ ...shared, attributes: { plan: "gold" } });
    });

    it("moves a token that was registered under another key, and removes it", async () => {
      await young.put(["a", "b", "c"].map((id) => userPut(tenant, id)));
      await off.register([token("a")]);
      await old.register([token("b")]);
      expect([await tokensOf("a"), await tokensOf("b")]).toEqual([[], ["token-1"]]);
      await young.register([token("b"), token("b", "token-2")]);
      expect(await tokensOf("b")).toEqual(["token-1", "token-2"]);
      await young.register([token("c")]);
      expect([await tokensOf("b"), await tokensOf("c")]).toEqual([["token-2"], ["token-1"]]);
      expect(await young.usersOf({ tenant, channel: "push", address: "token-1", limit: 5 })).toEqual(["c"]);
      const { id: _, ...dead } = token("c");
      expect(await old.unregister([dead])).toEqual([true]);
      expect(await tokensOf("c")).toEqual([]);
    });

    it("has one owner of a token after registrations under two active keys at once", async () => {
      await young.put(["a", "b"].map((id) => userPut(tenant, id)));
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([old.register([token("a")]), young.register([token("b")])]);
        const owners = await young.usersOf({ tenant, channel: "push", address: "token-1", limit: 5 });
        expect(owners).toHaveLength(1);
        expect((await Promise.all(["a", "b"].map(tokensOf))).flat()).toEqual(["token-1"]);
      }
    });

    it("reads attributes that only look sealed, and users under a lost key, as they are stored", async () => {
      await young.put([userPut(tenant, "odd", { attributes: { sealed: "sealed:young:AAAA" } })]);
      expect((await get(young, "odd"))?.attributes).toEqual({ sealed: "sealed:young:AAAA" });
      await off.put([userPut(tenant, "odd", { attributes: { sealed: "sealed:young:AAAA" } })]);
      expect((await get(young, "odd"))?.attributes).toEqual({ sealed: "sealed:young:AAAA" });
      await old.put([userPut(tenant, "ann")]);
      const alone = sealedDirectory(raw, createKeyRing({ active: "young", keys: { young: keys.young } }));
      expect((await get(alone, "ann"))?.addresses.email).toBe(rings.old.sealText("ann@example.com"));
    });
  });
};
