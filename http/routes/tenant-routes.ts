import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { configuredTenantsOf } from "../../access/configured-tenants.js";
import { decide } from "../../access/decide.js";
import type { RunningAccess } from "../../access/running-access.js";
import { type CursorScope, cursorOf, placeOf } from "../../directory/page-cursor.js";
import { listAudit } from "../../operations/tenants/audit-desk.js";
import type { TenantTools } from "../../operations/tenants/change-tenant.js";
import { createKey, endKey, listKeys, renewKey } from "../../operations/tenants/key-desk.js";
import { editSettings, findSettings } from "../../operations/tenants/settings-desk.js";
import { createTenant, deleteTenant, editTenant, findTenant, listTenants } from "../../operations/tenants/tenant-desk.js";
import { CarillonError } from "../../schemas/errors.js";
import { createTenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import { authorOf, identityOf } from "../access/access.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { answered } from "./checked-input.js";
import * as contracts from "./contracts/tenant-contracts.js";
import { ownProviderRoutes } from "./own-provider-routes.js";
import { ownWebhookRoutes } from "./own-webhook-routes.js";
import { parametersOf } from "./parameters-of.js";
import { tokenKeyRoutes } from "./token-key-routes.js";

export type TenantRouteDependencies = Pick<HttpDependencies, "config" | "stores" | "clock"> & { readonly access: RunningAccess };

/** The lists of the installation, which belong to no tenant. */
const tenantsScope: CursorScope = ["tenants", ""];
const auditScope = (tenant: string | undefined): CursorScope => ["audit", tenant ?? ""];

const idPlace = z.string().min(1);

const nextOf = (scope: CursorScope, last: string | null): string | null => (last === null ? null : cursorOf(scope, last));

const positionOf = (scope: CursorScope, cursor: string | undefined): string | undefined =>
  cursor === undefined ? undefined : placeOf(scope, cursor, idPlace);

const tenantItself = (app: FastifyInstance, tools: TenantTools): void => {
  addRoute(app, contracts.createTenant, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.createTenant.body, request.body, reply, "body");
      return given ? reply.code(201).send(await createTenant(tools, given, authorOf(request))) : reply;
    }),
  );

  addRoute(app, contracts.listTenants, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.listTenants.query, request.query, reply);
      if (!given) return reply;
      const { items, last } = await listTenants(tools, positionOf(tenantsScope, given.cursor), given.limit);
      return reply.send(listOf(items, nextOf(tenantsScope, last)));
    }),
  );

  addRoute(app, contracts.getTenant, (request, reply) =>
    answered(reply, async () => reply.send(await findTenant(tools, request.params.id))),
  );

  addRoute(app, contracts.changeTenant, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.changeTenant.body, request.body, reply, "body");
      return given ? reply.send(await editTenant(tools, request.params.id, given, authorOf(request))) : reply;
    }),
  );

  addRoute(app, contracts.deleteTenant, (request, reply) =>
    answered(reply, async () => {
      await deleteTenant(tools, request.params.id, authorOf(request));
      return reply.code(204).send();
    }),
  );
};

const settingsOfTenant = (app: FastifyInstance, tools: TenantTools): void => {
  addRoute(app, contracts.getSettings, (request, reply) =>
    answered(reply, async () => reply.send(await findSettings(tools, request.params.id))),
  );

  addRoute(app, contracts.changeSettings, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.changeSettings.body, request.body, reply, "body");
      return given ? reply.send(await editSettings(tools, request.params.id, given, authorOf(request))) : reply;
    }),
  );
};

const keysOfTenant = (app: FastifyInstance, tools: TenantTools, { keyUse }: RunningAccess): void => {
  addRoute(app, contracts.createKey, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.createKey.body, request.body, reply, "body");
      return given ? reply.code(201).send(await createKey(tools, request.params.id, given, authorOf(request))) : reply;
    }),
  );

  addRoute(app, contracts.listKeys, (request, reply) =>
    answered(reply, async () => reply.send(listOf(await listKeys(tools, keyUse, request.params.id)))),
  );

  addRoute(app, contracts.revokeKey, (request, reply) =>
    answered(reply, async () => {
      await endKey(tools, request.params.id, request.params.key, authorOf(request));
      return reply.code(204).send();
    }),
  );

  addRoute(app, contracts.rotateKey, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.rotateKey.body, request.body, reply, "body");
      if (!given) return reply;
      const { id: tenantId, key: keyId } = request.params;
      return reply.code(201).send(await renewKey(tools, { tenantId, keyId, ...given }, authorOf(request)));
    }),
  );
};

const auditRoute = (app: FastifyInstance, { stores }: TenantTools): void =>
  addRoute(app, contracts.listAudit, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.listAudit.query, request.query, reply);
      if (!given) return reply;
      const { principal, operator, tenant: own } = identityOf(request);
      const tenant = given.tenant ?? (operator ? undefined : own);
      const decision = tenant === undefined ? undefined : decide(principal, tenant, "manage");
      if (decision?.allowed === false) throw new CarillonError("FORBIDDEN", decision.detail);
      const scope = auditScope(tenant);
      const { items, last } = await listAudit(stores, { tenant, before: positionOf(scope, given.cursor), limit: given.limit });
      return reply.send(listOf(items, nextOf(scope, last)));
    }),
  );

/** Tenants, their keys, and the log of administrative changes. */
export const tenantRoutes = (app: FastifyInstance, { config, stores, clock, access }: TenantRouteDependencies): void => {
  const tools: TenantTools = { stores, clock, reader: access.tenants, configured: configuredTenantsOf(config) };
  tenantItself(app, tools);
  settingsOfTenant(app, tools);
  keysOfTenant(app, tools, access);
  tokenKeyRoutes(app, tools);
  auditRoute(app, tools);
  const secrets = createTenantSecrets(stores.keys);
  ownProviderRoutes(app, { ...tools, config, secrets });
  ownWebhookRoutes(app, { ...tools, stores, config, secrets });
};
