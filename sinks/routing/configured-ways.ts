import type { Channel, DispatchCommand } from "../../schemas/generated.js";
import type { SharedProviders } from "../own/own-ways.js";
import type { Weighted } from "./order.js";
import type { RoutedProvider } from "./routed-provider.js";
import type { Way } from "./way.js";

/** The providers for some messages. The first matching route applies. */
export interface Route {
  readonly tenant: string | null;
  readonly lane: string | null;
  /** Prefix of the recipient (a country code) or, with a leading @, its domain. */
  readonly recipient: string | null;
  readonly providers: readonly Weighted[];
}

/** Whether a route applies to a message. */
export const fits = ({ tenant, lane, recipient }: Route, command: Pick<DispatchCommand, "tenant" | "lane" | "to">): boolean =>
  (tenant === null || tenant === command.tenant) &&
  (lane === null || lane === command.lane) &&
  (recipient === null || (recipient.startsWith("@") ? command.to.toLowerCase().endsWith(recipient) : command.to.startsWith(recipient)));

/** The ways of the configuration's routes. */
export const createConfiguredWays = (
  routes: Readonly<Record<Channel, readonly Route[]>>,
  providers: Readonly<Record<Channel, ReadonlyMap<string, RoutedProvider>>>,
) => {
  /** The providers of the configuration that a tenant's own route may name. */
  const shared: SharedProviders = ({ tenant, channel }, name) => {
    const isGiven = routes[channel].some(
      (route) => (route.tenant === null || route.tenant === tenant) && route.providers.some((one) => one.name === name),
    );
    return isGiven ? providers[channel].get(name) : undefined;
  };
  const wayOf = (command: DispatchCommand): Way => {
    const here = providers[command.channel];
    const route = routes[command.channel].find((candidate) => fits(candidate, command))?.providers ?? [];
    const there = route.filter(({ name }) => here.has(name));
    // if none of a route's providers exist (in a test, for example), all existing ones are used
    return { route: there.length > 0 ? there : [...here.keys()].map((name) => ({ name, weight: 1 })), find: (name) => here.get(name) };
  };
  return { shared, wayOf };
};
