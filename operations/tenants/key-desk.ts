import { randomUUID } from "node:crypto";
import { addKey, type KeyState, keyStateAt, revokeKey, rotateKey } from "../../access/change-keys.js";
import { scopesBeyond } from "../../access/decide.js";
import type { KeyUse } from "../../access/key-use.js";
import { knownScopes } from "../../access/scopes.js";
import type { KeyInput } from "../../access/tenant-input.js";
import { CarillonError } from "../../schemas/errors.js";
import { type Tenant, tenantBounds } from "../../stores/tenants/tenants.js";
import { changeTenant, type TenantTools, tenantOf } from "./change-tenant.js";
import type { Author } from "./record-change.js";

/** A key as plain data, without the key itself. */
export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly test: boolean;
  readonly state: KeyState;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** To the minute; null if the key was not used in the last 400 days. */
  readonly lastUsedAt: string | null;
}

/** A new key. `key` is shown once. */
export interface IssuedKey {
  readonly id: string;
  readonly key: string;
}

const textOf = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;

/** The keys of a tenant, newest first. */
export const listKeys = async (
  { clock, ...tools }: Pick<TenantTools, "stores" | "clock">,
  keyUse: Pick<KeyUse, "lastUsed">,
  tenantId: string,
): Promise<readonly KeyView[]> => {
  const [{ keys }, used] = await Promise.all([tenantOf(tools, tenantId), keyUse.lastUsed(tenantId)]);
  const now = new Date(clock.now());
  return [...keys].reverse().map(({ id, name, scopes, test, createdAt, expiresAt, revokedAt }) => ({
    ...{ id, name, scopes, test },
    state: keyStateAt({ expiresAt, revokedAt }, now),
    ...{ createdAt: createdAt.toISOString(), expiresAt: textOf(expiresAt), revokedAt: textOf(revokedAt) },
    lastUsedAt: textOf(used.get(id)),
  }));
};

const newId = (): string => `k-${randomUUID()}`;

/** A key must not grant what its author lacks. Throws FORBIDDEN, which names the scopes. */
const assertGrantable = ({ principal }: Author, scopes: readonly string[]): void => {
  const beyond = scopesBeyond(principal, knownScopes(scopes));
  if (beyond.length > 0)
    throw new CarillonError("FORBIDDEN", `the caller lacks the scope ${beyond.join(", ")}, so its keys cannot have it`);
};

/** A leaked key can be revoked by every manager of its tenant, but not a key that acts on all tenants. Throws FORBIDDEN. */
const assertEndable = ({ principal }: Author, scopes: readonly string[]): void => {
  if (scopesBeyond(principal, knownScopes(scopes)).includes("operate"))
    throw new CarillonError("FORBIDDEN", "the caller lacks the scope operate, so it cannot revoke a key that has it");
};

/** Makes room for a key among the tenant's: the oldest ones that are no longer valid leave. The audit log keeps their history. */
const withRoom = (tenant: Tenant, now: Date): Tenant => {
  const surplus = tenant.keys.length + 1 - tenantBounds.keys;
  const leaving = tenant.keys.filter((key) => keyStateAt(key, now) !== "valid").slice(0, Math.max(0, surplus));
  return { ...tenant, keys: tenant.keys.filter((key) => !leaving.includes(key)) };
};

/** A key that is never valid is a mistake, and would be stored for nothing. */
const assertFuture = ({ expiresAt }: Pick<KeyInput, "expiresAt">, now: Date): void => {
  if (expiresAt === null || expiresAt > now) return;
  throw new CarillonError("INPUT_INVALID", "is in the past", { field: "expiresAt", fix: "give a later time, or leave it out" });
};

export const createKey = async (tools: TenantTools, tenantId: string, input: KeyInput, by: Author): Promise<IssuedKey> => {
  assertGrantable(by, input.scopes);
  const id = newId();
  const now = new Date(tools.clock.now());
  assertFuture(input, now);
  const step = await changeTenant(tools, tenantId, by, (tenant) => {
    const { key, put } = addKey(withRoom(tenant, now), { ...input, id, name: input.name ?? id }, now);
    return { action: "key.create", target: `key ${id}`, put, key };
  });
  return { id, key: step?.key ?? "" };
};

/** Adds a key like an existing one, which stays valid for `overlapMs`. */
export const renewKey = async (
  tools: TenantTools,
  { tenantId, keyId, overlapMs }: { readonly tenantId: string; readonly keyId: string; readonly overlapMs: number },
  by: Author,
): Promise<IssuedKey> => {
  const id = newId();
  const now = new Date(tools.clock.now());
  const step = await changeTenant(tools, tenantId, by, (tenant) => {
    assertGrantable(by, tenant.keys.find((key) => key.id === keyId)?.scopes ?? []);
    const { key, put } = rotateKey(withRoom(tenant, now), keyId, id, overlapMs, now);
    return { action: "key.rotate", target: `key ${keyId}`, put, key };
  });
  return { id, key: step?.key ?? "" };
};

/** Revokes a key at once. Revoking it again changes nothing. */
export const endKey = async (tools: TenantTools, tenantId: string, keyId: string, by: Author): Promise<void> => {
  const now = new Date(tools.clock.now());
  await changeTenant(tools, tenantId, by, (tenant) => {
    assertEndable(by, tenant.keys.find((key) => key.id === keyId)?.scopes ?? []);
    const isRevoked = (tenant.keys.find((key) => key.id === keyId)?.revokedAt ?? null) !== null;
    return isRevoked ? undefined : { action: "key.revoke", target: `key ${keyId}`, put: revokeKey(tenant, keyId, now) };
  });
};
