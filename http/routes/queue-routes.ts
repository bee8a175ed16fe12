import type { FastifyInstance } from "fastify";
import { queueStates } from "../../operations/lag/queue-states.js";
import { measurePlan } from "../../operations/load/measure-plan.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { listQueues, planQueues } from "./contracts/operation-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** The current queues, and the plan of their sizes. */
export const queueRoutes = (
  app: FastifyInstance,
  { config, stores, assembly, clock }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock">,
  answerWork: AnswerWork,
): void => {
  addRoute(app, listQueues, async (_request, reply) => reply.send(listOf(await queueStates(config, assembly, stores))));

  addRoute(app, planQueues, async (request, reply) => {
    const question = parametersOf(planQueues.query, request.query, reply);
    if (!question) return reply;
    return answerWork(request, reply, (watch) => measurePlan({ config, stores, assembly, clock }, question, watch));
  });
};
