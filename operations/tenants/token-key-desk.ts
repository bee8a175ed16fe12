import { randomUUID } from "node:crypto";
import { publicKeyOf } from "../../access/public-key.js";
import type { TokenKeyInput } from "../../access/token-key-input.js";
import { CarillonError } from "../../schemas/errors.js";
import { type Tenant, type TenantPut, type TokenKey, tenantBounds } from "../../stores/tenants/tenants.js";
import { changeTenant, type TenantTools, tenantOf } from "./change-tenant.js";
import type { Author } from "./record-change.js";

/** A key of tokens as plain data. Nothing of it is secret. */
export interface TokenKeyView {
  readonly kid: string;
  readonly alg: string;
  /** In PEM; null if `jwksUrl` is set. */
  readonly publicKey: string | null;
  readonly jwksUrl: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
}

const viewOf = ({ kid, alg, publicKey, jwksUrl, createdAt }: TokenKey): TokenKeyView => ({
  ...{ kid, alg, publicKey, jwksUrl },
  createdAt: createdAt.toISOString(),
});

/** The token keys of a tenant, newest first. */
export const listTokenKeys = async (tools: Pick<TenantTools, "stores">, tenantId: string): Promise<readonly TokenKeyView[]> =>
  [...(await tenantOf(tools, tenantId)).tokenKeys].reverse().map(viewOf);

const putOf = ({ createdAt: _, changedAt: __, ...put }: Tenant, tokenKeys: readonly TokenKey[]): TenantPut => ({ ...put, tokenKeys });

const conflict = (field: string, problem: string, fix: string): CarillonError => new CarillonError("CONFLICT", problem, { field, fix });

/** The public key in PEM, whatever its form in the input. Throws INPUT_INVALID. */
const pemOf = ({ publicKey, alg }: TokenKeyInput): string | null => {
  if (publicKey === undefined) return null;
  const read = publicKeyOf(publicKey, alg);
  if ("pem" in read) return read.pem;
  throw new CarillonError("INPUT_INVALID", read.problem, { field: "publicKey", fix: read.fix });
};

/** Adds a token key. The tenant's other token keys stay valid. Rejects CONFLICT if the kid is taken, by whichever tenant. */
export const addTokenKey = async (tools: TenantTools, tenantId: string, input: TokenKeyInput, by: Author): Promise<TokenKeyView> => {
  const { alg, jwksUrl = null, kid = `tk-${randomUUID()}` } = input;
  const key: TokenKey = { kid, alg, publicKey: pemOf(input), jwksUrl, createdAt: new Date(tools.clock.now()) };
  await changeTenant(tools, tenantId, by, (tenant) => {
    if (tenant.tokenKeys.some((one) => one.kid === kid))
      throw conflict("kid", `the tenant has a token key with the kid ${kid}`, "remove it first, or choose another kid");
    if (tenant.tokenKeys.length >= tenantBounds.tokenKeys)
      throw conflict("kid", `the tenant has ${tenantBounds.tokenKeys} token keys, which is the most`, "remove one first");
    return { action: "tokenKey.create", target: `token key ${kid}`, put: putOf(tenant, [...tenant.tokenKeys, key]) };
  });
  return viewOf(key);
};

/** Removes a token key. All processes refuse its tokens within 5 seconds. */
export const removeTokenKey = async (tools: TenantTools, tenantId: string, kid: string, by: Author): Promise<void> => {
  await changeTenant(tools, tenantId, by, (tenant) => {
    const left = tenant.tokenKeys.filter((one) => one.kid !== kid);
    if (left.length === tenant.tokenKeys.length)
      throw new CarillonError("NOT_FOUND", `the tenant ${tenantId} has no token key ${kid}`, { field: "kid", fix: "check the kid" });
    return { action: "tokenKey.remove", target: `token key ${kid}`, put: putOf(tenant, left) };
  });
};
