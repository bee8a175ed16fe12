import { byChannel } from "../../channels/by-channel.js";
import type { Config } from "../../config/schema.js";
import type { Channel } from "../../schemas/generated.js";
import type { Route } from "./configured-ways.js";
import type { Weighted } from "./order.js";
import type { RoutingPolicy } from "./routing.js";

type Ways = Config["channels"][Channel]["providers"];

/** Plain names are an order of preference: the first takes everything, the others take the rest. */
const weighted = (entries: Ways): Weighted[] =>
  entries.map((entry, index) => (typeof entry === "string" ? { name: entry, weight: index === 0 ? 1 : 0 } : entry));

/** The names of all providers that a channel can use. */
export const providersOf = ({ providers, routes }: Pick<Config["channels"][Channel], "providers" | "routes">): readonly string[] => [
  ...new Set(
    [...providers, ...routes.flatMap((route) => route.providers)].map((entry) => (typeof entry === "string" ? entry : entry.name)),
  ),
];

/** The names of the providers that the configuration lets a tenant's messages of a channel reach. */
export const sharedProvidersOf = (
  { providers, routes }: Pick<Config["channels"][Channel], "providers" | "routes">,
  tenant: string,
): readonly string[] => providersOf({ providers, routes: routes.filter((route) => route.tenant === null || route.tenant === tenant) });

const routesOf = ({ providers, routes }: Config["channels"][Channel]): readonly Route[] => [
  ...routes.map(({ providers: entries, ...route }) => ({
    ...route,
    recipient: route.recipient?.toLowerCase() ?? null,
    providers: weighted(entries),
  })),
  { tenant: null, lane: null, recipient: null, providers: weighted(providers) },
];

const unlimited = { perSecond: null, burst: null, inFlight: Number.POSITIVE_INFINITY, inFlightPerTenant: null };

/** The configuration that determines a message's provider. */
export const routingPolicyOf = (config: Config): RoutingPolicy => {
  const { capacityWaitMs, ...health } = config.routing;
  return {
    routes: byChannel((channel) => routesOf(config.channels[channel])),
    limits: (name) => config.providers[name]?.limits ?? unlimited,
    health,
    capacityWaitMs,
  };
};
