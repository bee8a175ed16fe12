import type { FastifyInstance } from "fastify";
import {
  enableOwnWebhook,
  findWebhook,
  type OwnWebhookTools,
  removeWebhook,
  rotateWebhook,
  setWebhook,
} from "../../operations/tenants/own-webhook-desk.js";
import { authorOf } from "../access/access.js";
import { addRoute } from "../contract/route-contract.js";
import { answered } from "./checked-input.js";
import * as contracts from "./contracts/own-webhook-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** The webhook of a tenant's own. */
export const ownWebhookRoutes = (app: FastifyInstance, tools: OwnWebhookTools): void => {
  addRoute(app, contracts.getOwnWebhook, (request, reply) =>
    answered(reply, async () => reply.send(await findWebhook(tools, request.params.id))),
  );

  addRoute(app, contracts.setOwnWebhook, (request, reply) =>
    answered(reply, async () => {
      const given = parametersOf(contracts.setOwnWebhook.body, request.body, reply, "body");
      if (!given) return reply;
      const { view, isNew } = await setWebhook(tools, request.params.id, given, authorOf(request));
      return reply.code(isNew ? 201 : 200).send(view);
    }),
  );

  addRoute(app, contracts.removeOwnWebhook, (request, reply) =>
    answered(reply, async () => {
      await removeWebhook(tools, request.params.id, authorOf(request));
      return reply.code(204).send();
    }),
  );

  addRoute(app, contracts.rotateOwnWebhook, (request, reply) =>
    answered(reply, async () => reply.code(201).send(await rotateWebhook(tools, request.params.id, authorOf(request)))),
  );

  addRoute(app, contracts.enableOwnWebhook, (request, reply) =>
    answered(reply, async () => reply.send(await enableOwnWebhook(tools, request.params.id, authorOf(request)))),
  );
};
