import type { Tenant, TenantKey } from "../stores/tenants/tenants.js";
import { digestOfKey, isKey, isSameDigest } from "./api-keys.js";
import { type KeyState, keyStateAt } from "./change-keys.js";
import type { ConfiguredKey } from "./configured-tenants.js";
import type { KeyPrincipal } from "./principal.js";
import { knownScopes } from "./scopes.js";
import type { TenantReader } from "./tenant-reader.js";

/** Why a key has no principal. `suspended`: its tenant is not active. */
export type KeyRefusal = "unknown" | Exclude<KeyState, "valid"> | "suspended";

export type KeyAnswer = { readonly principal: KeyPrincipal } | { readonly refusal: KeyRefusal };

/** `administrative`: the request changes rights or settings, so its key is checked against the current ones. */
export interface KeyNeed {
  readonly administrative?: boolean;
}

export interface KeyCheckDependencies {
  readonly configured: readonly ConfiguredKey[];
  readonly reader: Pick<TenantReader, "current">;
  readonly now: () => Date;
  /** Called with each stored key that identified its tenant. */
  readonly onUse: (tenant: string, keyId: string) => void;
}

const principalOf = ({ id: tenant }: Tenant, { id, name, scopes, test }: TenantKey): KeyPrincipal => ({
  ...{ kind: "key", id, name, tenant, scopes: knownScopes(scopes), test },
});

const answerOf = (tenant: Tenant, key: TenantKey, at: Date): KeyAnswer => {
  const state = keyStateAt(key, at);
  if (state !== "valid") return { refusal: state };
  return tenant.status === "active" ? { principal: principalOf(tenant, key) } : { refusal: "suspended" };
};

/**
 * Finds the principal of a key: among the keys of the configuration, which win, then among those of the store. Rejects UNAVAILABLE when the
 * keys of the store cannot be checked.
 */
export const createKeyCheck =
  ({ configured, reader, now, onUse }: KeyCheckDependencies) =>
  async (given: string, need: KeyNeed = {}): Promise<KeyAnswer> => {
    const digest = digestOfKey(given);
    // all of them are compared, so that the time does not depend on which one it is
    const own = configured.filter((one) => isSameDigest(one.digest, digest))[0];
    if (own) return { principal: own.principal };
    if (!isKey(given)) return { refusal: "unknown" };
    const { byDigest } = await reader.current(need);
    // a look-up by digest takes a time that depends on the digest, which reveals nothing about a key of 256 random bits
    const found = byDigest.get(digest);
    if (!found || !isSameDigest(found.key.digest, digest)) return { refusal: "unknown" };
    const answer = answerOf(found.tenant, found.key, now());
    if ("principal" in answer) onUse(found.tenant.id, found.key.id);
    return answer;
  };

export type KeyCheck = ReturnType<typeof createKeyCheck>;

/** A key of the store that is valid now, by its id; undefined otherwise. Rejects UNAVAILABLE when that cannot be checked. */
export const createStoredKeyCheck =
  ({ reader, now }: Pick<KeyCheckDependencies, "reader" | "now">) =>
  async (
    tenantId: string,
    keyId: string,
    need: KeyNeed = {},
  ): Promise<{ readonly digest: string; readonly principal: KeyPrincipal } | undefined> => {
    const tenant = (await reader.current(need)).tenants.get(tenantId);
    const key = tenant?.keys.find(({ id }) => id === keyId);
    const answer = tenant && key && answerOf(tenant, key, now());
    return answer && "principal" in answer && key ? { digest: key.digest, principal: answer.principal } : undefined;
  };

export type StoredKeyCheck = ReturnType<typeof createStoredKeyCheck>;
