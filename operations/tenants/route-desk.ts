import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../config/schema.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Channel } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";
import { ownTypeOf } from "../../sinks/own/own-types.js";
import { sharedProvidersOf } from "../../sinks/routing/routing-policy.js";
import type { TenantSettings } from "../../stores/tenants/tenants.js";
import { changeTenant, putOf, type TenantTools, tenantOf } from "./change-tenant.js";
import type { Author } from "./record-change.js";

/** A route of a tenant's own: it replaces the routes of the configuration for the tenant's messages of the channel. */
export interface OwnRouteView {
  readonly channel: string;
  /** In the order of their use: the tenant's own, or the installation's. */
  readonly providers: readonly string[];
}

export interface OwnRouteName {
  readonly tenantId: string;
  readonly channel: string;
}

/** In the order of the channels' names. */
export const listOwnRoutes = async (tools: Pick<TenantTools, "stores">, tenantId: string): Promise<readonly OwnRouteView[]> => {
  const { settings } = await tenantOf(tools, tenantId);
  return Object.entries(settings.routes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([channel, providers]) => ({ channel, providers }));
};

const channelOf = (given: string): Channel => {
  const found = channels.find((one) => one === given);
  if (!found) throw new CarillonError("INPUT_INVALID", "is not a channel", { field: "channel", fix: `give one of ${channels.join(", ")}` });
  return found;
};

/** The names that a route of the tenant may have. */
const usableNames = ({ providers }: TenantSettings, channel: Channel, shared: readonly string[]): readonly string[] => {
  const own = Object.entries(providers).flatMap(([name, { type }]) =>
    ownTypeOf(type)?.definition.channels.includes(channel) ? [name] : [],
  );
  return [...own, ...shared.filter((name) => !Object.hasOwn(providers, name))];
};

/** Sets the providers of a channel. Rejects INPUT_INVALID for a name that the tenant cannot use on the channel. */
export const setOwnRoute = async (
  tools: TenantTools & { readonly config: Pick<Config, "channels"> },
  { tenantId, channel: given }: OwnRouteName,
  providers: readonly string[],
  by: Author,
): Promise<OwnRouteView> => {
  const channel = channelOf(given);
  const shared = sharedProvidersOf(tools.config.channels[channel], tenantId);
  await changeTenant(tools, tenantId, by, (tenant) => {
    const { settings } = tenant;
    const usable = usableNames(settings, channel, shared);
    const unknown = providers.find((name) => !usable.includes(name));
    if (unknown !== undefined)
      throw new CarillonError("INPUT_INVALID", `names ${unknown}, which the tenant cannot use for ${channel}`, {
        field: "providers",
        fix: `give some of ${usable.join(", ")}, or set a provider of this name first`,
      });
    if (isDeepStrictEqual(settings.routes[channel], providers)) return undefined;
    const put = { ...putOf(tenant), settings: { ...settings, routes: { ...settings.routes, [channel]: providers } } };
    return { action: "route.set", target: `route ${channel}`, put };
  });
  return { channel, providers };
};

/** Rejects NOT_FOUND. The routes of the configuration apply again. */
export const removeOwnRoute = async (tools: TenantTools, { tenantId, channel }: OwnRouteName, by: Author): Promise<void> => {
  await changeTenant(tools, tenantId, by, (tenant) => {
    const { [channel]: removed, ...routes } = tenant.settings.routes;
    if (!removed)
      throw new CarillonError("NOT_FOUND", `the tenant ${tenantId} has no route of its own for ${channel}`, {
        field: "channel",
        fix: "check the channel",
      });
    return { action: "route.remove", target: `route ${channel}`, put: { ...putOf(tenant), settings: { ...tenant.settings, routes } } };
  });
};
