import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mostIdBytes } from "../../stores/id-keys.js";
import { type Tenant, type Tenants, tenantBounds } from "../../stores/tenants/tenants.js";
import { uniqueName } from "../support/scratch.js";
import { byUtf8 } from "./awkward-ids.js";
import { changed, digestFor, keyFor, listIds, settings, type TenantsFactory, tenantPut, tokenKeyFor } from "./tenants-under-test.js";

/** Conformance suite of Tenants. */
export const describeTenants = (factory: TenantsFactory): void => {
  describe(`Tenants on ${factory.name}`, () => {
    let tenants: Tenants;
    let id: string;
    const get = async (one = id): Promise<Tenant> => {
      const [found] = await tenants.get([one]);
      if (!found) throw new Error(`there is no tenant ${one}`);
      return found;
    };
    beforeAll(async () => {
      tenants = await factory.open();
    });
    beforeEach(() => {
      id = uniqueName("tenant");
    });
    afterAll(async () => {
      await tenants.close();
      await factory.dispose?.();
    });

    it("gives back what was put, in the order of the question", async () => {
      const keys = [keyFor("k1"), keyFor("k2", uniqueName("key"), { test: true, expiresAt: new Date("2027-01-01T00:00:00Z") })];
      const tokenKeys = [tokenKeyFor(uniqueName("kid"))];
      expect(await tenants.put(tenantPut(id, { keys, tokenKeys, settings }))).toEqual({ state: "stored", revision: 1 });
      await tenants.put(tenantPut(`${id}-other`));
      const [other, none, own] = await tenants.get([`${id}-other`, `${id}-none`, id]);
      expect([other?.id, none]).toEqual([`${id}-other`, undefined]);
      expect(own).toMatchObject({ ...tenantPut(id, { keys, tokenKeys, settings }), revision: 1 });
      expect(own?.createdAt).toBeInstanceOf(Date);
      expect(own?.changedAt).toEqual(own?.createdAt);
    });

    it("stores a put only at the revision that its caller read", async () => {
      await tenants.put(tenantPut(id));
      expect(await tenants.put(tenantPut(id))).toEqual({ state: "conflict", revision: 1 });
      expect(await tenants.put(tenantPut(id, { revision: 1, name: "second" }))).toEqual({ state: "stored", revision: 2 });
      expect(await tenants.put(tenantPut(id, { revision: 1, name: "late" }))).toEqual({ state: "conflict", revision: 2 });
      expect(await tenants.put(tenantPut(`${id}-none`, { revision: 3 }))).toEqual({ state: "conflict", revision: 0 });
      expect(await get()).toMatchObject({ name: "second", revision: 2 });
    });

    it("keeps the time of creation, and renews the time of change", async () => {
      await tenants.put(tenantPut(id));
      const first = await get();
      await factory.pass(20);
      await tenants.put(changed(first, { status: "suspended" }));
      const second = await get();
      expect(second.createdAt).toEqual(first.createdAt);
      expect(second.changedAt.getTime()).toBeGreaterThan(first.changedAt.getTime());
    });

    it("stores one of many concurrent puts of a revision", async () => {
      const others = [tenants, ...(factory.another ? [await factory.another()] : [])];
      const put = (revision: number) =>
        Promise.all(
          Array.from({ length: 16 }, (_, index) =>
            (others[index % others.length] ?? tenants).put(tenantPut(id, { revision, name: `${index}` })),
          ),
        );
      for (const revision of [0, 1, 2]) {
        const answers = await put(revision);
        expect(answers.filter(({ state }) => state === "stored")).toEqual([{ state: "stored", revision: revision + 1 }]);
        const winner = answers.findIndex(({ state }) => state === "stored");
        expect((await get()).name).toBe(`${winner}`);
      }
    });

    it("finds the tenant of a key and of a token key", async () => {
      const [key, kid] = [uniqueName("key"), uniqueName("kid")];
      await tenants.put(tenantPut(id, { keys: [keyFor("k", key)], tokenKeys: [tokenKeyFor(kid)] }));
      expect((await tenants.find({ digest: digestFor(key) }))?.id).toBe(id);
      expect((await tenants.find({ kid }))?.id).toBe(id);
      expect(await tenants.find({ kid: digestFor(key) })).toBeUndefined();
      for (const odd of ["", "a b", `${kid}\0`, "ä", "x".repeat(5_000)]) expect(await tenants.find({ kid: odd })).toBeUndefined();
      await tenants.put(changed(await get(), { keys: [], tokenKeys: [] }));
      expect([await tenants.find({ digest: digestFor(key) }), await tenants.find({ kid })]).toEqual([undefined, undefined]);
    });

    it("gives a key or a token key to one tenant only", async () => {
      const [key, kid] = [uniqueName("key"), uniqueName("kid")];
      await tenants.put(tenantPut(id, { keys: [keyFor("k", key)], tokenKeys: [tokenKeyFor(kid)] }));
      const other = `${id}-other`;
      expect(await tenants.put(tenantPut(other, { keys: [keyFor("x", key)] }))).toEqual({ state: "taken" });
      expect(await tenants.put(tenantPut(other, { tokenKeys: [tokenKeyFor(kid)] }))).toEqual({ state: "taken" });
      expect(await tenants.get([other])).toEqual([undefined]);
      await tenants.put(tenantPut(other));
      expect(await tenants.put(tenantPut(other, { revision: 1, tokenKeys: [tokenKeyFor(kid)] }))).toEqual({ state: "taken" });
      expect((await get(other)).revision).toBe(1);
      await tenants.put(changed(await get(), { tokenKeys: [] }));
      expect(await tenants.put(tenantPut(other, { revision: 1, tokenKeys: [tokenKeyFor(kid)] }))).toMatchObject({ state: "stored" });
      expect((await tenants.find({ kid }))?.id).toBe(other);
    });

    it("gives a token key to one of many tenants that put it at once", async () => {
      const kid = uniqueName("kid");
      const ids = Array.from({ length: 12 }, (_, index) => `${id}-${index}`);
      const answers = await Promise.all(ids.map((one) => tenants.put(tenantPut(one, { tokenKeys: [tokenKeyFor(kid)] }))));
      expect(answers.filter(({ state }) => state === "stored")).toHaveLength(1);
      expect(answers.filter(({ state }) => state === "taken")).toHaveLength(11);
      expect((await tenants.find({ kid }))?.id).toBe(ids[answers.findIndex(({ state }) => state === "stored")]);
    });

    it("lists tenants in the order of their ids, each once", async () => {
      const ids = ["a", "A", "ä", "a b", "z-", "😀", "\uffff", "1"].map((end) => `${id}-${end}`);
      for (const one of ids) await tenants.put(tenantPut(one));
      const listed = await listIds(tenants, `${id}-`, 3);
      expect(listed.filter((one) => one.startsWith(`${id}-`))).toEqual([...ids].sort(byUtf8));
      const revisions = await tenants.revisions({ after: `${id}-`, limit: 2 });
      expect(revisions).toEqual(
        [...ids]
          .sort(byUtf8)
          .slice(0, 2)
          .map((one) => ({ id: one, revision: 1 })),
      );
    });

    it("has a new version after each put that was stored, for every process", async () => {
      const other = factory.another ? await factory.another() : tenants;
      const seen = new Set([await other.version()]);
      for (const revision of [0, 1, 2]) {
        await tenants.put(tenantPut(id, { revision }));
        const version = await other.version();
        expect(seen.has(version)).toBe(false);
        seen.add(version);
      }
      const [tenant] = await other.get([id]);
      expect(tenant?.revision).toBe(3);
    });

    it("refuses what no adapter can keep", async () => {
      const refuse = (more: Parameters<typeof tenantPut>[1]) =>
        expect(tenants.put(tenantPut(id, more))).rejects.toMatchObject({ code: "INPUT_INVALID" });
      for (const bad of ["", "x".repeat(mostIdBytes.tenant + 1), "\ud800"]) {
        await expect(tenants.put(tenantPut(bad))).rejects.toMatchObject({ code: "INPUT_INVALID" });
        await expect(tenants.get([bad])).rejects.toMatchObject({ code: "INPUT_INVALID" });
      }
      await refuse({ keys: [keyFor("k"), keyFor("k")] });
      await refuse({ keys: [keyFor("k", "same"), keyFor("l", "same")] });
      await refuse({ keys: Array.from({ length: tenantBounds.keys + 1 }, (_, index) => keyFor(`${index}`)) });
      await refuse({ tokenKeys: [tokenKeyFor("a b")] });
      await refuse({ name: "x".repeat(tenantBounds.bytes) });
      for (const name of ["", "a.b", "$a", "__proto__", "a b"]) await refuse({ settings: { ...settings, senders: { [name]: [] } } });
      const plain = { mail: { type: "smtp", options: {}, secrets: { password: "plain" } } };
      await refuse({ settings: { ...settings, providers: plain } });
      await refuse({
        settings: { ...settings, webhook: { url: "https://example.com", secrets: ["plain"], kinds: [], createdAt: new Date() } },
      });
      for (const limit of [0, 1.5, tenantBounds.batch + 1])
        await expect(tenants.list({ limit })).rejects.toMatchObject({ code: "INPUT_INVALID" });
      expect(await tenants.get([id])).toEqual([undefined]);
    });

    const { addFields, documentOf } = factory;
    if (addFields && documentOf)
      it("keeps fields of a later version through the put of an earlier one", async () => {
        await tenants.put(tenantPut(id, { keys: [keyFor("a"), keyFor("b")], settings }));
        await addFields(id, (document) => {
          const { keys, settings: own } = document as {
            keys: Record<string, unknown>[];
            settings: Record<string, Record<string, unknown>>;
          };
          const provider = own.providers?.mail as Record<string, unknown>;
          Object.assign(document, { region: "eu", status: "closing" });
          for (const key of keys) Object.assign(key, { scopes: ["send", "chat"], addresses: [`of ${key.id}`] });
          Object.assign(own, { chat: { retentionDays: 30 } });
          Object.assign(provider, { weight: 3 });
        });
        const found = await get();
        expect(found).toMatchObject({ status: "closing", keys: [{ scopes: ["send", "chat"] }, { id: "b" }] });
        expect(JSON.stringify(found)).not.toMatch(/region|addresses|chat":|weight/);
        await tenants.put(changed(found, { name: "renamed", keys: found.keys.slice(1) }));
        expect(await documentOf(id)).toMatchObject({
          ...{ region: "eu", name: "renamed", revision: 2 },
          keys: [{ id: "b", addresses: ["of b"], scopes: ["send", "chat"] }],
          settings: { chat: { retentionDays: 30 }, providers: { mail: { weight: 3 } } },
        });
        const { settings: own } = await get();
        await tenants.put(changed(await get(), { settings: { ...own, providers: {} } }));
        expect(JSON.stringify(await documentOf(id))).not.toContain("weight");
      });
  });
};
