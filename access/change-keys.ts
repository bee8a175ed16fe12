import { CarillonError } from "../schemas/errors.js";
import type { Tenant, TenantKey, TenantPut } from "../stores/tenants/tenants.js";
import { digestOfKey, generateKey } from "./api-keys.js";
import type { Scope } from "./scopes.js";

export interface NewKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly test: boolean;
  readonly expiresAt: Date | null;
}

/** A change of a tenant's keys. */
export interface KeyChange {
  readonly put: TenantPut;
  /** The key itself, to show once. */
  readonly key: string;
}

const putOf = ({ createdAt: _, changedAt: __, ...tenant }: Tenant, keys: readonly TenantKey[]): TenantPut => ({ ...tenant, keys });

const keyOf = (tenant: Tenant, id: string): TenantKey => {
  const found = tenant.keys.find((key) => key.id === id);
  if (!found) throw new CarillonError("NOT_FOUND", `the tenant ${tenant.id} has no key ${id}`, { field: "key", fix: "check the id" });
  return found;
};

/** The earlier of two times, of which null is never. */
const earlier = (one: Date | null, other: Date): Date => (one !== null && one < other ? one : other);

const replaced = (tenant: Tenant, key: TenantKey): readonly TenantKey[] => tenant.keys.map((one) => (one.id === key.id ? key : one));

/** Adds a key. The tenant's other keys stay valid. */
export const addKey = (tenant: Tenant, { id, name, scopes, test, expiresAt }: NewKey, now: Date, generate = generateKey): KeyChange => {
  const key = generate(test);
  const stored = { id, name, digest: digestOfKey(key), scopes, test, createdAt: now, expiresAt, revokedAt: null };
  return { put: putOf(tenant, [...tenant.keys, stored]), key };
};

/** Revokes a key. It keeps its entry, so that the audit log can be read later. Revoking it again changes nothing. */
export const revokeKey = (tenant: Tenant, id: string, now: Date): TenantPut => {
  const key = keyOf(tenant, id);
  return putOf(tenant, replaced(tenant, { ...key, revokedAt: earlier(key.revokedAt, now) }));
};

/**
 * Adds a key like an existing one, which stays valid for `overlapMs`, so that clients can change over. Throws INPUT_INVALID for a key that is
 * no longer valid. A key that expires keeps its expiry for the new one, so that a rotation cannot prolong it.
 */
export const rotateKey = (tenant: Tenant, id: string, newId: string, overlapMs: number, now: Date, generate = generateKey): KeyChange => {
  const old = keyOf(tenant, id);
  if (keyStateAt(old, now) !== "valid")
    throw new CarillonError("INPUT_INVALID", `the key ${id} is no longer valid`, { field: "key", fix: "create a new key" });
  const ending = { ...old, expiresAt: earlier(old.expiresAt, new Date(now.getTime() + overlapMs)) };
  const key = generate(old.test);
  const next: TenantKey = { ...old, id: newId, digest: digestOfKey(key), createdAt: now };
  return { put: putOf(tenant, [...replaced(tenant, ending), next]), key };
};

export type KeyState = "valid" | "expired" | "revoked";

export const keyStateAt = ({ expiresAt, revokedAt }: Pick<TenantKey, "expiresAt" | "revokedAt">, now: Date): KeyState => {
  if (revokedAt !== null && revokedAt <= now) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "expired" : "valid";
};
