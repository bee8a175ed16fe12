import { CarillonError } from "../../schemas/errors.js";
import { assertIds } from "../id-keys.js";
import { sealedPrefix } from "../sealed/key-ring.js";
import { keepUnknown } from "./keep-unknown.js";
import { secretsOf } from "./settings-secrets.js";
import { readTenant } from "./tenant-schema.js";
import { type Credential, type Tenant, type TenantAnswer, type TenantPut, tenantBounds } from "./tenants.js";

const invalid = (field: string, problem: string, fix?: string): CarillonError =>
  new CarillonError("INPUT_INVALID", problem, { field, ...(fix ? { fix } : {}) });

/** A digest, or a `kid`: printable ASCII without spaces, so that it fits into keys of every store unchanged. */
const plainCredential = /^[\x21-\x7e]{1,256}$/;

/** A credential as one text, unique over all tenants. Undefined: no tenant can have it. */
export const nameOfCredential = (credential: Credential): string | undefined => {
  const [kind, text] = "digest" in credential ? ["key", credential.digest] : ["kid", credential.kid];
  return plainCredential.test(text) ? `${kind}:${text}` : undefined;
};

const named = (field: string, credential: Credential): string => {
  const name = nameOfCredential(credential);
  if (name === undefined) throw invalid(field, "has an id that is not 1 to 256 printable ASCII characters without spaces");
  return name;
};

/** The credentials of a tenant. Throws INPUT_INVALID. */
export const credentialsOf = ({ keys, tokenKeys }: Pick<Tenant, "keys" | "tokenKeys">): readonly string[] => [
  ...keys.map(({ digest }) => named("keys", { digest })),
  ...tokenKeys.map(({ kid }) => named("tokenKeys", { kid })),
];

/** Names become fields of documents, where these characters have a meaning of their own. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const assertNames = (field: string, names: readonly string[]): void => {
  const bad = names.find((name) => !plainName.test(name));
  if (bad !== undefined)
    throw invalid(field, `has the name ${JSON.stringify(bad.slice(0, 64))}`, "use at most 64 letters, digits, hyphens and underscores");
};

const assertUnique = (field: string, names: readonly string[]): void => {
  if (new Set(names).size < names.length) throw invalid(field, "has two entries of one name");
};

/** Throws INPUT_INVALID for a tenant that no adapter may store. */
export const assertTenant = (put: TenantPut): void => {
  const { id, keys, tokenKeys, settings } = put;
  assertIds({ tenant: id });
  if (keys.length > tenantBounds.keys) throw invalid("keys", `has more than ${tenantBounds.keys} entries`, "remove revoked keys");
  if (tokenKeys.length > tenantBounds.tokenKeys) throw invalid("tokenKeys", `has more than ${tenantBounds.tokenKeys} entries`);
  assertUnique(
    "keys",
    keys.map((key) => key.id),
  );
  assertUnique("keys", credentialsOf(put));
  const { senders, providers, routes } = settings;
  assertNames("settings.senders", Object.keys(senders));
  assertNames("settings.providers", Object.keys(providers));
  assertNames("settings.routes", Object.keys(routes));
  for (const [name, { options, secrets }] of Object.entries(providers))
    assertNames(`settings.providers.${name}`, [...Object.keys(options), ...Object.keys(secrets)]);
  if (secretsOf(settings).some((secret) => !secret.startsWith(sealedPrefix)))
    throw invalid("settings", "has a credential that is not sealed");
  if (Buffer.byteLength(JSON.stringify(put)) > tenantBounds.bytes)
    throw invalid("settings", `makes the tenant larger than ${tenantBounds.bytes} bytes`);
};

/** The stored document after the put, or a conflict. Unknown fields of the former document stay. */
export const documentAfter = (
  stored: unknown,
  put: TenantPut,
  now: Date,
): { readonly answer: TenantAnswer; readonly before?: Tenant; readonly document?: Tenant } => {
  const before = stored === undefined ? undefined : readTenant(stored);
  const revision = before?.revision ?? 0;
  if (put.revision !== revision) return { answer: { state: "conflict", revision } };
  const next = { ...put, revision: revision + 1, createdAt: before?.createdAt ?? now, changedAt: now };
  // what this version does not know stays out of the document, unless it was stored
  const document = keepUnknown(stored, before, readTenant(next)) as Tenant;
  return { answer: { state: "stored", revision: next.revision }, ...(before ? { before } : {}), document };
};

export const assertPage = ({ after, limit }: { readonly after?: string | undefined; readonly limit: number }): void => {
  assertIds({ tenant: after });
  if (!Number.isInteger(limit) || limit < 1 || limit > tenantBounds.batch)
    throw invalid("limit", `is not between 1 and ${tenantBounds.batch}`);
};
