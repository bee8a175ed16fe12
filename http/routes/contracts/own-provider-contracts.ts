import { z } from "zod";
import { ownProviderGiven } from "../../../sinks/own/own-provider-input.js";
import { tenantBounds } from "../../../stores/tenants/tenants.js";
import { json, nothing, problem } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { defineRoute } from "../../contract/route-contract.js";
import { ownProviderSchema, ownRouteSchema } from "../../contract/schemas/own-provider-schemas.js";
import { noTenant } from "./directory-queries.js";

const managed = { access: "tenant", scope: "manage", tenantParam: "id", tag: "tenants" } as const;

const tenantParams = z.strictObject({ id: z.string() });
const providerParams = z.strictObject({ id: z.string(), name: z.string() });
const routeParams = z.strictObject({ id: z.string(), channel: z.string() });

const notStorable = problem(
  "No key is configured that encrypts secrets, a route names the provider for another channel, or the tenant has too many providers",
);

export const listOwnProviders = defineRoute({
  ...managed,
  method: "GET",
  url: "/v1/tenants/:id/providers",
  id: "listOwnProviders",
  summary: "List the providers of a tenant's own",
  description: "In the order of their names, without the values of their secrets.",
  params: tenantParams,
  answers: { 200: json(listSchema(ownProviderSchema), "All providers, on one page"), 404: noTenant },
});

export const setOwnProvider = defineRoute({
  ...managed,
  method: "PUT",
  url: "/v1/tenants/:id/providers/:name",
  id: "setOwnProvider",
  summary: "Create or replace a provider of a tenant's own",
  description:
    "Secrets that are left out are removed, so that an endpoint cannot be changed by someone who does not know them. All processes use the provider within 5 seconds, and calls in flight to the former one end.",
  params: providerParams,
  body: ownProviderGiven,
  answers: {
    200: json(ownProviderSchema, "The replaced provider"),
    201: json(ownProviderSchema, "The new provider"),
    404: noTenant,
    409: notStorable,
  },
});

export const removeOwnProvider = defineRoute({
  ...managed,
  method: "DELETE",
  url: "/v1/tenants/:id/providers/:name",
  id: "removeOwnProvider",
  summary: "Remove a provider of a tenant's own",
  params: providerParams,
  answers: {
    204: nothing("The provider is removed"),
    404: problem("There is no such tenant, or it has no such provider"),
    409: problem("A route names the provider"),
  },
});

export const listOwnRoutes = defineRoute({
  ...managed,
  method: "GET",
  url: "/v1/tenants/:id/routes",
  id: "listOwnRoutes",
  summary: "List the routes of a tenant's own",
  params: tenantParams,
  answers: { 200: json(listSchema(ownRouteSchema), "All routes, on one page"), 404: noTenant },
});

export const setOwnRoute = defineRoute({
  ...managed,
  method: "PUT",
  url: "/v1/tenants/:id/routes/:channel",
  id: "setOwnRoute",
  summary: "Set the providers of a tenant's messages of a channel",
  description:
    "The first provider gets the messages. The next ones get the messages that it cannot take. The names are those of the tenant's own providers, and of the providers that the configuration gives the tenant. The routes of the configuration no longer apply to these messages.",
  params: routeParams,
  body: z.strictObject({
    providers: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(tenantBounds.providers)
      .refine((names) => new Set(names).size === names.length, "names a provider twice")
      .meta({ uniqueItems: true })
      .describe(`give a list of 1 to ${tenantBounds.providers} names of providers`),
  }),
  answers: { 200: json(ownRouteSchema, "The route"), 404: noTenant },
});

export const removeOwnRoute = defineRoute({
  ...managed,
  method: "DELETE",
  url: "/v1/tenants/:id/routes/:channel",
  id: "removeOwnRoute",
  summary: "Remove a route of a tenant's own",
  description: "The routes of the configuration apply again.",
  params: routeParams,
  answers: { 204: nothing("The route is removed"), 404: problem("There is no such tenant, or it has no such route") },
});
