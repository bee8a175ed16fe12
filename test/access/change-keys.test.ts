import { describe, expect, it } from "vitest";
import { digestOfKey, isKey } from "../../access/api-keys.js";
import { addKey, keyStateAt, revokeKey, rotateKey } from "../../access/change-keys.js";
import { newTenant } from "../../access/configured-tenants.js";
import type { Tenant, TenantKey } from "../../stores/tenants/tenants.js";

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 30, 8, 0, second));
const tenantWith = (keys: readonly TenantKey[]): Tenant => ({
  ...newTenant("shop", "Shop"),
  ...{ revision: 4, createdAt: at(0), changedAt: at(0), keys },
});
const wish = { id: "k1", name: "first", scopes: ["send"], test: false, expiresAt: null } as const;
const first = (): { readonly tenant: Tenant; readonly key: string } => {
  const { put, key } = addKey(tenantWith([]), wish, at(1));
  return { tenant: tenantWith(put.keys), key };
};

describe("changes of keys", () => {
  it("add a key next to the others, and return it once", () => {
    const { put, key } = addKey(first().tenant, { ...wish, id: "k2", test: true, expiresAt: at(50) }, at(2));
    expect(isKey(key)).toBe(true);
    expect(key).toContain("_test_");
    expect(put).toMatchObject({ id: "shop", revision: 4, keys: [{ id: "k1" }, { id: "k2", digest: digestOfKey(key), expiresAt: at(50) }] });
    expect(put.keys.map(({ id }) => id)).toEqual(["k1", "k2"]);
    expect(JSON.stringify(put)).not.toContain(key);
  });

  it("revoke a key once and for all", () => {
    const once = revokeKey(first().tenant, "k1", at(5));
    expect(once.keys).toMatchObject([{ id: "k1", revokedAt: at(5) }]);
    expect(revokeKey(tenantWith(once.keys), "k1", at(9)).keys).toEqual(once.keys);
    expect(() => revokeKey(tenantWith([]), "k1", at(5))).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });

  it("rotate a key with an overlap, in which both are valid", () => {
    const { tenant, key } = first();
    const rotated = rotateKey(tenant, "k1", "k2", 10_000, at(5));
    const [old, next] = rotated.put.keys;
    expect(rotated.key).not.toBe(key);
    expect(next).toMatchObject({ id: "k2", name: "first", scopes: ["send"], createdAt: at(5), expiresAt: null });
    const states = [5, 14, 15].map((second) => [old, next].map((one) => one && keyStateAt(one, at(second))));
    expect(states).toEqual([
      ["valid", "valid"],
      ["valid", "valid"],
      ["expired", "valid"],
    ]);
  });

  it("never prolong a key by rotation", () => {
    const { put } = addKey(tenantWith([]), { ...wish, expiresAt: at(8) }, at(1));
    const [old, next] = rotateKey(tenantWith(put.keys), "k1", "k2", 10_000, at(5)).put.keys;
    expect([old?.expiresAt, next?.expiresAt]).toEqual([at(8), at(8)]);
    expect(() => rotateKey(tenantWith(put.keys), "k1", "k2", 10_000, at(8))).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    const revoked = revokeKey(first().tenant, "k1", at(2));
    expect(() => rotateKey(tenantWith(revoked.keys), "k1", "k2", 0, at(3))).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });

  it("end a key at its time, and not before", () => {
    const ends = { expiresAt: at(5), revokedAt: null };
    expect([4, 5].map((second) => keyStateAt(ends, at(second)))).toEqual(["valid", "expired"]);
    expect([2, 3, 6].map((second) => keyStateAt({ ...ends, revokedAt: at(3) }, at(second)))).toEqual(["valid", "revoked", "revoked"]);
  });
});
