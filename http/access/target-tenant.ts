import type { FastifyRequest } from "fastify";
import { decide } from "../../access/decide.js";
import { tenantOf } from "../../operations/tenants/change-tenant.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Stores } from "../../stores/stores.js";
import { identityOf } from "./access.js";
import { scopeOf } from "./route-scope.js";

/**
 * The tenant whose data a request reads or changes: the caller's own or, with the scope operate, the one that it names. Rejects FORBIDDEN,
 * and NOT_FOUND for a tenant that does not exist.
 */
export const targetTenantOf = async (request: FastifyRequest, named: string | undefined, stores: Stores): Promise<string> => {
  const { principal, tenant: own } = identityOf(request);
  if (named === undefined || named === own) return own;
  const decision = decide(principal, named, scopeOf(request.routeOptions));
  if (!decision.allowed) throw new CarillonError("FORBIDDEN", decision.detail);
  try {
    return (await tenantOf({ stores }, named)).id;
  } catch (error) {
    if (!(error instanceof CarillonError) || error.code !== "NOT_FOUND") throw error;
    const fix = "create the tenant first, or correct the id";
    throw new CarillonError("NOT_FOUND", error.problem, { cause: error, field: "tenant", fix, publicWords: error.publicWords });
  }
};
