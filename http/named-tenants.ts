import type { Principal } from "../access/principal.js";
import type { Finding } from "../channels/finding.js";
import { tenantProblem } from "../channels/one-line.js";
import type { Tenant, Tenants } from "../stores/tenants/tenants.js";

const tenantIn = (input: unknown): string | undefined => {
  const tenant = typeof input === "object" && input !== null ? (input as { readonly tenant?: unknown }).tenant : undefined;
  return typeof tenant === "string" && tenantProblem(tenant) === undefined ? tenant : undefined;
};

const problemOf = (tenant: Tenant | undefined): string | undefined => {
  if (tenant?.status === "active") return undefined;
  return !tenant || tenant.status === "deleted" ? "names a tenant that does not exist" : `names a tenant that is ${tenant.status}`;
};

const finding = (problem: string): Finding => ({
  field: "tenant",
  reason: "invalid_request",
  problem,
  fix: problem.endsWith("exist") ? "create the tenant first, or correct the id" : "make the tenant active first",
});

/**
 * What is wrong with the tenants that the messages of an operator name: one entry for each input, undefined if nothing is. Without keys,
 * tenants are mere names, and every name is allowed.
 */
export const unfitTenants = async (
  inputs: readonly unknown[],
  principal: Pick<Principal, "kind" | "tenant">,
  tenants: Pick<Tenants, "get">,
): Promise<readonly (Finding | undefined)[]> => {
  if (principal.kind === "loopback") return inputs.map(() => undefined);
  const named = inputs.map(tenantIn);
  const ids = [...new Set(named)].flatMap((id) => (id === undefined || id === principal.tenant ? [] : [id]));
  if (ids.length === 0) return inputs.map(() => undefined);
  const found = await tenants.get(ids);
  const problems = new Map(ids.map((id, index) => [id, problemOf(found[index])]));
  return named.map((id) => {
    const problem = id === undefined ? undefined : problems.get(id);
    return problem === undefined ? undefined : finding(problem);
  });
};
