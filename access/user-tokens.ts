import { type CryptoKey, errors, importSPKI, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { mostIdBytes } from "../stores/id-keys.js";
import type { Tenant, TokenKey } from "../stores/tenants/tenants.js";
import type { KeyNeed } from "./key-check.js";
import type { UserPrincipal } from "./principal.js";
import { tokenAlgs } from "./public-key.js";
import type { TenantReader } from "./tenant-reader.js";

export type TokenAnswer =
  | { readonly principal: UserPrincipal }
  /** A sentence for the caller. Contains nothing of the token but its `kid`. */
  | { readonly refusal: string };

export interface TokenCheckDependencies {
  readonly reader: Pick<TenantReader, "current">;
  readonly now: () => Date;
  /** The keys of a set, by its URL. Rejects UNAVAILABLE if the set cannot be read. */
  readonly keySet: (url: string) => JWTVerifyGetKey;
}

/** Clocks of signers differ by this much at most. */
const toleranceSeconds = 30;
/** A token cannot be revoked by itself, so it must end soon. */
export const mostTokenSeconds = 24 * 3_600;
export const mostTokenBytes = 8_192;

/** Three parts in base64url (RFC 7515, 7.1). A key never has this form. */
const form = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const isToken = (text: string): boolean => text.length <= mostTokenBytes && form.test(text);

const kidOf = (token: string): string | undefined => {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf(".")), "base64url").toString());
    const { kid } = (header ?? {}) as { readonly kid?: unknown };
    return typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
};

/** The names of one algorithm: RFC 9864 renames EdDSA with an Ed25519 key. */
const namesOfAlg = (alg: string): string[] => (alg === "EdDSA" ? ["EdDSA", "Ed25519"] : [alg]);

const unknownKid = "no tenant has a token key with the kid of this token";

const words = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `the claim ${error.claim} of the token is missing, or is not valid now`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the signature of the token does not fit its key";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token names another alg than its key";
  if (error instanceof errors.JWKSNoMatchingKey) return "the key set has no key with the kid and alg of the token";
  if (error instanceof errors.JWKSInvalid || error instanceof errors.JWKSMultipleMatchingKeys)
    return "the key set of the token is not a JSON Web Key Set with one key of this kid";
  return "the token is malformed";
};

const userOf = ({ sub, exp = 0 }: JWTPayload, now: Date): { readonly user: string } | { readonly refusal: string } => {
  if (typeof sub !== "string" || sub === "" || Buffer.byteLength(sub) > mostIdBytes.user)
    return { refusal: `the claim sub of the token is not the id of a user, of at most ${mostIdBytes.user} bytes` };
  if (exp - now.getTime() / 1_000 > mostTokenSeconds + toleranceSeconds)
    return { refusal: `the token is valid for more than ${mostTokenSeconds / 3_600} hours: give it an earlier exp` };
  return { user: sub };
};

const principalOf = (tenant: Tenant, key: TokenKey, user: string): UserPrincipal => ({
  ...{ kind: "user", tenant: tenant.id, user, kid: key.kid, scopes: [] },
});

/** Keys in the form that verifies, each imported once. */
const createVerifyingKeys = (keySet: TokenCheckDependencies["keySet"]) => {
  /** By the key as the snapshot has it, so a key that changed or left is not kept. */
  const imported = new WeakMap<TokenKey, Promise<CryptoKey>>();
  return async (key: TokenKey): Promise<JWTVerifyGetKey> => {
    const { alg, publicKey, jwksUrl } = key;
    if (publicKey === null) return keySet(jwksUrl ?? "");
    const own = imported.get(key) ?? importSPKI(publicKey, alg);
    imported.set(key, own);
    return () => own;
  };
};

/**
 * Finds the user whom a tenant's token names. The token's `kid` finds the key, and the key its tenant and algorithm: a token chooses
 * neither. It needs `sub`, the id of the user, and `exp`, within 24 hours. Rejects UNAVAILABLE when the tenants or the key cannot be read.
 * Source: RFC 7519; RFC 8725.
 */
export const createTokenCheck = ({ reader, now, keySet }: TokenCheckDependencies) => {
  const verifyingKeyOf = createVerifyingKeys(keySet);
  const verified = async (token: string, tenant: Tenant, key: TokenKey): Promise<TokenAnswer> => {
    const at = now();
    const rules = { algorithms: namesOfAlg(key.alg), clockTolerance: toleranceSeconds, currentDate: at, requiredClaims: ["sub", "exp"] };
    try {
      const { payload } = await jwtVerify(token, await verifyingKeyOf(key), rules);
      const user = userOf(payload, at);
      return "user" in user ? { principal: principalOf(tenant, key, user.user) } : user;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return { refusal: words(error) };
    }
  };
  return async (token: string, need: KeyNeed = {}): Promise<TokenAnswer> => {
    const kid = kidOf(token);
    const found = kid === undefined ? undefined : (await reader.current(need)).byKid.get(kid);
    // a later version may store other algorithms
    if (!found || !tokenAlgs.some((alg) => alg === found.key.alg)) return { refusal: unknownKid };
    if (found.tenant.status !== "active") return { refusal: "the tenant of the token is suspended" };
    return verified(token, found.tenant, found.key);
  };
};

export type TokenCheck = ReturnType<typeof createTokenCheck>;
