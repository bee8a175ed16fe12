import { isTest, type Principal, type UserPrincipal } from "./principal.js";
import type { Scope } from "./scopes.js";

/** The installation itself, with the data of all tenants together. */
export const installation = Symbol("installation");

/** What a request is about: one tenant, or the installation. */
export type Target = string | typeof installation;

export type Decision =
  | { readonly allowed: true }
  /** `missing`: the scope that would allow the request. `detail`: a sentence for the caller. */
  | { readonly allowed: false; readonly missing: Scope; readonly detail: string };

const allowed: Decision = { allowed: true };

const refused = (missing: Scope, detail: string): Decision => ({ allowed: false, missing, detail });

const nameOf: Readonly<Record<Principal["kind"], string>> = {
  key: "the key",
  session: "the key of this session",
  oidc: "this account",
  loopback: "this machine",
  user: "the token of a user",
};

/** The scopes that a test key can use. Its messages reach the sandbox only, so it must not change anything that real messages use. */
export const testScopes: readonly Scope[] = ["send", "read"];

/** Whether a principal may use a scope on a tenant. A refusal names the missing scope, but not whether the tenant exists. */
export const decide = (principal: Principal, target: Target, scope: Scope): Decision => {
  const name = nameOf[principal.kind];
  if (!principal.scopes.includes(scope)) return refused(scope, `${name} lacks the scope ${scope}`);
  if (isTest(principal) && !testScopes.includes(scope)) return refused(scope, `${name} is a test key, which cannot use the scope ${scope}`);
  if (target === principal.tenant) return allowed;
  if (!principal.scopes.includes("operate") || isTest(principal))
    return refused("operate", `${name} lacks the scope operate, which other tenants require`);
  return allowed;
};

/**
 * Whether the token of a user may call a route. `own`: the user that the request is about, on a route that users may call for themselves.
 */
export const decideForUser = ({ user }: UserPrincipal, own: string | undefined): Decision => {
  if (own === undefined) return refused("read", "the token of a user cannot call this route: send an API key");
  return own === user ? allowed : refused("read", "the token of a user reaches this user only");
};

/** The scopes that a principal would grant to a new key without having them itself. A key must not be able to raise its own rights. */
export const scopesBeyond = (principal: Principal, granted: readonly Scope[]): readonly Scope[] =>
  granted.filter((scope) => !principal.scopes.includes(scope) || (isTest(principal) && !testScopes.includes(scope)));
