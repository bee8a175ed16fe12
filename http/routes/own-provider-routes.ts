import type { FastifyInstance } from "fastify";
import type { Config } from "../../config/schema.js";
import type { TenantTools } from "../../operations/tenants/change-tenant.js";
import { checkProvider, listOwnProviders, removeOwnProvider, setOwnProvider } from "../../operations/tenants/provider-desk.js";
import { listOwnRoutes, removeOwnRoute, setOwnRoute } from "../../operations/tenants/route-desk.js";
import type { TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import { authorOf } from "../access/access.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import { answered, checkedBody } from "./checked-input.js";
import * as contracts from "./contracts/own-provider-contracts.js";
import { parametersOf } from "./parameters-of.js";

export interface OwnProviderTools extends TenantTools {
  readonly config: Pick<Config, "channels">;
  readonly secrets: TenantSecrets;
}

const providersOfTenant = (app: FastifyInstance, tools: OwnProviderTools): void => {
  addRoute(app, contracts.listOwnProviders, (request, reply) =>
    answered(reply, async () => reply.send(listOf(await listOwnProviders(tools, request.params.id)))),
  );

  addRoute(app, contracts.setOwnProvider, (request, reply) =>
    answered(reply, async () => {
      const checked = checkedBody(checkProvider, request.body, reply);
      if (!checked) return reply;
      const { id: tenantId, name } = request.params;
      const { view, isNew } = await setOwnProvider(tools, { tenantId, name }, checked, authorOf(request));
      return reply.code(isNew ? 201 : 200).send(view);
    }),
  );

  addRoute(app, contracts.removeOwnProvider, (request, reply) =>
    answered(reply, async () => {
      const { id: tenantId, name } = request.params;
      await removeOwnProvider(tools, { tenantId, name }, authorOf(request));
      return reply.code(204).send();
    }),
  );
};

const routesOfTenant = (app: FastifyInstance, tools: OwnProviderTools): void => {
  addRoute(app, contracts.listOwnRoutes, (request, reply) =>
    answered(reply, async () => reply.send(listOf(await listOwnRoutes(tools, request.params.id)))),
  );

  addRoute(app, contracts.setOwnRoute, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.setOwnRoute.body, request.body, reply, "body");
      if (!given) return reply;
      const { id: tenantId, channel } = request.params;
      return reply.send(await setOwnRoute(tools, { tenantId, channel }, given.providers, authorOf(request)));
    }),
  );

  addRoute(app, contracts.removeOwnRoute, (request, reply) =>
    answered(reply, async () => {
      const { id: tenantId, channel } = request.params;
      await removeOwnRoute(tools, { tenantId, channel }, authorOf(request));
      return reply.code(204).send();
    }),
  );
};

/** The providers and routes of tenants' own. */
export const ownProviderRoutes = (app: FastifyInstance, tools: OwnProviderTools): void => {
  providersOfTenant(app, tools);
  routesOfTenant(app, tools);
};
