import { z } from "zod";
import type { List } from "../../http/contract/list.js";
import type { OwnProviderView } from "../../operations/tenants/provider-desk.js";
import type { OwnRouteView } from "../../operations/tenants/route-desk.js";
import type { OwnProviderAdministration } from "../deployment/own-provider-administration.js";
import type { Connection } from "./connection.js";

const providerShape = z.looseObject({ name: z.string(), type: z.string(), secrets: z.array(z.string()) });
const routeShape = z.looseObject({ channel: z.string(), providers: z.array(z.string()) });
const providersShape = z.looseObject({ items: z.array(providerShape) });
const routesShape = z.looseObject({ items: z.array(routeShape) });

const pathOf = (...parts: readonly string[]): string => ["/v1/tenants", ...parts.map(encodeURIComponent)].join("/");

export const remoteOwnProviders = (connection: Connection): OwnProviderAdministration => ({
  providers: async (tenant) => (await connection.ask<List<OwnProviderView>>({ path: pathOf(tenant, "providers") }, providersShape)).items,
  setProvider: (tenant, name, body) => connection.ask({ method: "PUT", path: pathOf(tenant, "providers", name), body }, providerShape),
  removeProvider: (tenant, name) => connection.done({ method: "DELETE", path: pathOf(tenant, "providers", name) }),
  routes: async (tenant) => (await connection.ask<List<OwnRouteView>>({ path: pathOf(tenant, "routes") }, routesShape)).items,
  setRoute: (tenant, channel, providers) =>
    connection.ask({ method: "PUT", path: pathOf(tenant, "routes", channel), body: { providers } }, routeShape),
  removeRoute: (tenant, channel) => connection.done({ method: "DELETE", path: pathOf(tenant, "routes", channel) }),
});
