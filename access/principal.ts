import type { Scope } from "./scopes.js";

interface Granted {
  /** The tenant that it belongs to. */
  readonly tenant: string;
  readonly scopes: readonly Scope[];
}

/** An API key. */
export interface KeyPrincipal extends Granted {
  readonly kind: "key";
  readonly id: string;
  readonly name: string;
  /** Whether its messages reach the sandbox only. */
  readonly test: boolean;
}

/** A program on the same machine, when no keys are configured. */
export interface LoopbackPrincipal extends Granted {
  readonly kind: "loopback";
}

/** A browser that signed in to the console by a key. It may do what the key may do. */
export interface SessionPrincipal extends Granted {
  readonly kind: "session";
  readonly key: KeyPrincipal;
}

/** A person whom an OpenID provider identified. */
export interface OidcPrincipal extends Granted {
  readonly kind: "oidc";
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
}

/** A user of a tenant, named by a token that the tenant signed. It reaches only what belongs to this user. */
export interface UserPrincipal extends Granted {
  readonly kind: "user";
  readonly user: string;
  /** The key that signed the token. */
  readonly kid: string;
}

/** Who makes a request. */
export type Principal = KeyPrincipal | LoopbackPrincipal | SessionPrincipal | OidcPrincipal | UserPrincipal;

/** Whether its messages reach the sandbox only. */
export const isTest = (principal: Principal): boolean => {
  if (principal.kind === "session") return principal.key.test;
  return principal.kind === "key" && principal.test;
};

/** The principal's name in the audit log. Contains no secret. */
export const actorOf = (principal: Principal): string => {
  switch (principal.kind) {
    case "key":
      return `key:${principal.tenant}:${principal.id}`;
    case "session":
      return `session:${principal.tenant}:${principal.key.id}`;
    case "oidc":
      return `oidc:${principal.issuer}:${principal.subject}`;
    case "loopback":
      return `loopback:${principal.tenant}`;
    case "user":
      return `user:${principal.tenant}:${principal.user}`;
  }
};
