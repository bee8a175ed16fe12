import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { enableTenantWebhook, webhookViews } from "../../operations/webhook-desk.js";
import { forOperators } from "../for-operators.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { parametersOf } from "./parameters-of.js";

const enableBody = z.strictObject({
  tenant: z.string().min(1).max(200).describe("give a tenant of webhooks.tenants"),
  replayFrom: z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .optional()
    .describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z, or leave it out"),
});

/** Lists the states of tenants' webhooks, and enables one again. */
export const webhookRoutes = (
  app: FastifyInstance,
  { config, stores, assembly, clock }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock">,
  answerWork: AnswerWork,
): void => {
  app.get("/v1/webhooks", forOperators, async (_request, reply) => reply.send({ webhooks: await webhookViews(config, stores.cells) }));

  app.post("/v1/webhooks/enable", forOperators, async (request, reply) => {
    const given = parametersOf(enableBody, request.body, reply, "body");
    if (!given) return reply;
    const { tenant, replayFrom: replayFromMs } = given;
    return answerWork(request, reply, async (watch) => ({
      replayed: await enableTenantWebhook({ config, stores, assembly, clock }, { tenant, replayFromMs }, watch),
    }));
  });
};
