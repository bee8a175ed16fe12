import { describe, expect, it } from "vitest";
import { generateKey } from "../../access/api-keys.js";
import { addKey } from "../../access/change-keys.js";
import { configuredKeysOf, configuredTenantsOf, loopbackPrincipalOf, newTenant, seedTenants } from "../../access/configured-tenants.js";
import { createKeyCheck } from "../../access/key-check.js";
import { snapshotOf } from "../../access/tenant-snapshot.js";
import type { Config } from "../../config/schema.js";
import { CarillonError } from "../../schemas/errors.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import type { Tenant, TenantPut } from "../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

type Named = Pick<Config, "http" | "webhooks" | "tenantTopics">;
const named = (apiKeys: Config["http"]["apiKeys"], webhooks: readonly string[] = [], topics: readonly string[] = []): Named => {
  const tenants = Object.fromEntries(webhooks.map((tenant) => [tenant, {}]));
  return { http: { apiKeys }, webhooks: { tenants }, tenantTopics: { tenants: topics } } as unknown as Named;
};

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 30, 8, 0, second));
const stored = (put: TenantPut): Tenant => ({ ...put, revision: 1, createdAt: at(0), changedAt: at(0) });
const wish = { id: "k1", name: "shop's key", scopes: ["send", "read"], test: false, expiresAt: at(30) } as const;

const start = (more: Partial<Tenant> = {}, configured: Config["http"]["apiKeys"] = []) => {
  const { put, key } = addKey(stored(newTenant("shop", "Shop")), wish, at(0));
  const used: string[] = [];
  const asked: unknown[] = [];
  let now = at(1);
  const check = createKeyCheck({
    configured: configuredKeysOf(named(configured)),
    reader: {
      current: async (need) => {
        asked.push(need);
        return snapshotOf(new Map([["shop", { ...stored(put), ...more }]]));
      },
    },
    now: () => now,
    onUse: (tenant, id) => used.push(`${tenant} ${id}`),
  });
  return {
    ...{ key, check, used, asked },
    setNow: (next: Date) => {
      now = next;
    },
  };
};

describe("the check of keys", () => {
  it("finds the principal of a stored key, and notes its use", async () => {
    const { check, key, used, asked } = start();
    expect(await check(key, { administrative: true })).toEqual({
      principal: { kind: "key", id: "k1", name: "shop's key", tenant: "shop", scopes: ["send", "read"], test: false },
    });
    expect([used, asked]).toEqual([["shop k1"], [{ administrative: true }]]);
  });

  it("refuses unknown, expired and revoked keys, and those of suspended tenants", async () => {
    const { check, key, used, setNow } = start();
    expect(await check(generateKey(false))).toEqual({ refusal: "unknown" });
    setNow(at(30));
    expect(await check(key)).toEqual({ refusal: "expired" });
    for (const status of ["suspended", "closing"]) {
      const { check: other, key: its } = start({ status });
      expect(await other(its)).toEqual({ refusal: "suspended" });
    }
    const [first] = addKey(stored(newTenant("shop", "Shop")), wish, at(0)).put.keys;
    const revoked = start({ keys: [{ ...first, digest: "other", revokedAt: at(0) } as Tenant["keys"][number]] });
    expect(await revoked.check(revoked.key)).toEqual({ refusal: "unknown" });
    expect(used).toEqual([]);
  });

  it("asks the store about nothing that is no key", async () => {
    const { check, asked } = start();
    for (const text of ["", "secret", "carillon_live_x", "x".repeat(10_000)]) expect(await check(text)).toEqual({ refusal: "unknown" });
    expect(asked).toEqual([]);
  });

  it("lets keys of the configuration win, also while the store is away", async () => {
    const key = generateKey(false);
    const check = createKeyCheck({
      configured: configuredKeysOf(
        named([
          { tenant: "ops", key: "a-key-of-the-operator-1", role: "operator" },
          { tenant: "shop", key, role: "sender" },
        ]),
      ),
      reader: { current: () => Promise.reject(new CarillonError("UNAVAILABLE", "away")) },
      now: () => at(1),
      onUse: () => undefined,
    });
    expect(await check("a-key-of-the-operator-1")).toMatchObject({
      principal: { id: "config.0", tenant: "ops", scopes: ["send", "read", "manage", "operate"] },
    });
    expect(await check(key)).toMatchObject({ principal: { id: "config.1", tenant: "shop", scopes: ["send", "read"] } });
    await expect(check(generateKey(false))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("the tenants of the configuration", () => {
  const key = { key: "x".repeat(20), role: "sender" } as const;

  it("are those of keys, webhooks and topics, and local while there is no key", () => {
    expect(configuredTenantsOf(named([], ["shop"], ["bank", "shop"]))).toEqual(["local", "shop", "bank"]);
    expect(
      configuredTenantsOf(
        named(
          [
            { tenant: "b", ...key },
            { tenant: "a", ...key },
            { tenant: "b", ...key },
          ],
          ["a", "c"],
        ),
      ),
    ).toEqual(["b", "a", "c"]);
    expect(loopbackPrincipalOf(named([]))).toEqual({ kind: "loopback", tenant: "local", scopes: ["send", "read", "manage", "operate"] });
    expect(loopbackPrincipalOf(named([{ tenant: "a", ...key }]))).toBeUndefined();
  });

  it("are created once, and never changed", async () => {
    const tenants = createMemoryTenants(createVirtualClock());
    await tenants.put({ ...newTenant("a", "Its own name"), status: "suspended" });
    expect(await seedTenants(tenants, ["a", "b"])).toEqual(["b"]);
    expect(await seedTenants(tenants, ["ä".repeat(100), "a"])).toEqual([]);
    const again = await Promise.all([seedTenants(tenants, ["a", "b", "c"]), seedTenants(tenants, ["c", "b"])]);
    expect(again.flat()).toEqual(["c"]);
    expect(await tenants.get(["a", "b", "c"])).toMatchObject([
      { name: "Its own name", status: "suspended", revision: 1 },
      { name: "b", status: "active", revision: 1 },
      { name: "c", revision: 1 },
    ]);
  });
});
