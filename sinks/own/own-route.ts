import type { TenantSnapshot } from "../../access/tenant-snapshot.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import type { TenantProvider } from "../../stores/tenants/tenants.js";

export type Message = Pick<DispatchCommand, "tenant" | "channel">;

interface OwnStep {
  readonly name: string;
  readonly stored: TenantProvider;
}

/** A provider of a tenant's route: its own, or one of the installation's by name. */
export type Step = OwnStep | { readonly shared: string };

/** The own route of a tenant for a channel; undefined: it has none. A name is that of its own provider, if there is one. */
export const stepsOf = (snapshot: TenantSnapshot, { tenant: id, channel }: Message): readonly Step[] | undefined => {
  const settings = snapshot.tenants.get(id)?.settings;
  const names = settings && Object.hasOwn(settings.routes, channel) ? settings.routes[channel] : undefined;
  if (!settings || !names || names.length === 0) return undefined;
  return names.map((name) => {
    const stored = Object.hasOwn(settings.providers, name) ? settings.providers[name] : undefined;
    return stored ? { name, stored } : { shared: name };
  });
};
