import type { FastifyContextConfig } from "fastify";
import type { Scope } from "../../access/scopes.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The scope that the caller's key needs, on a route for tenants or operators. */
    scope?: Scope;
  }
}

interface GuardedRoute {
  readonly method?: string | readonly string[];
  readonly config: FastifyContextConfig;
}

const reads = ["GET", "HEAD"];

/** The scope of a route. Without its own, a route for tenants takes `read` or, if it does more than that, `send`. */
export const scopeOf = ({ method, config: { access, scope } }: GuardedRoute): Scope => {
  if (scope !== undefined) return scope;
  if (access !== "tenant") return "operate";
  return [method ?? "POST"].flat().every((one) => reads.includes(one)) ? "read" : "send";
};
