import type { FastifyInstance } from "fastify";
import { enableTenantWebhook, webhookViews } from "../../operations/webhook-desk.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { enableWebhook, listWebhooks } from "./contracts/operation-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** Lists the states of tenants' webhooks, and enables one again. */
export const webhookRoutes = (
  app: FastifyInstance,
  { config, stores, assembly, clock }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock">,
  answerWork: AnswerWork,
): void => {
  addRoute(app, listWebhooks, async (_request, reply) => reply.send(listOf(await webhookViews(config, stores))));

  addRoute(app, enableWebhook, async (request, reply) => {
    const given = parametersOf(enableWebhook.body, request.body, reply, "body");
    if (!given) return reply;
    const { tenant, replayFrom: replayFromMs } = given;
    return answerWork(request, reply, async (watch) => ({
      replayed: await enableTenantWebhook({ config, stores, assembly, clock }, { tenant, replayFromMs }, watch),
    }));
  });
};
