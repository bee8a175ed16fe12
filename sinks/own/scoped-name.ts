/** The name of a tenant's own provider in lineage, claims, receipts and limits: unique over all tenants. Names have no slash, ids may have. */
export const scopedName = (tenant: string, name: string): string => `${tenant}/${name}`;

/** The tenant and name of a scoped name; undefined for a provider of the installation, whose name has no slash. */
export const readScopedName = (scoped: string): { readonly tenant: string; readonly name: string } | undefined => {
  const at = scoped.lastIndexOf("/");
  return at <= 0 ? undefined : { tenant: scoped.slice(0, at), name: scoped.slice(at + 1) };
};

/** The name of a provider in metrics: one for all of tenants' own, whose number has no bound. */
export const metricNameOf = (name: string): string => (readScopedName(name) ? "own" : name);
