import type { FastifyInstance } from "fastify";
import type { TenantTools } from "../../operations/tenants/change-tenant.js";
import { addTokenKey, listTokenKeys, removeTokenKey } from "../../operations/tenants/token-key-desk.js";
import { authorOf } from "../access/access.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import { answered } from "./checked-input.js";
import * as contracts from "./contracts/token-key-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** The keys that sign tokens of a tenant's users. */
export const tokenKeyRoutes = (app: FastifyInstance, tools: TenantTools): void => {
  addRoute(app, contracts.createTokenKey, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.createTokenKey.body, request.body, reply, "body");
      return given ? reply.code(201).send(await addTokenKey(tools, request.params.id, given, authorOf(request))) : reply;
    }),
  );

  addRoute(app, contracts.listTokenKeys, (request, reply) =>
    answered(reply, async () => reply.send(listOf(await listTokenKeys(tools, request.params.id)))),
  );

  addRoute(app, contracts.removeTokenKey, (request, reply) =>
    answered(reply, async () => {
      await removeTokenKey(tools, request.params.id, request.params.kid, authorOf(request));
      return reply.code(204).send();
    }),
  );
};
