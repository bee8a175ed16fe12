import type { FastifyInstance } from "fastify";
import { providerStates } from "../../operations/provider-states.js";
import { pullNow } from "../../operations/pull-now.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { listProviders, pullReceipts } from "./contracts/operation-contracts.js";
import { parametersOf } from "./parameters-of.js";

/** Lists providers' states, and queries one for missing receipts. */
export const providerRoutes = (
  app: FastifyInstance,
  { config, stores, assembly, clock }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock">,
  answerWork: AnswerWork,
): void => {
  addRoute(app, listProviders, async (_request, reply) => reply.send(listOf(await providerStates(config, stores.cells))));

  addRoute(app, pullReceipts, async (request, reply) => {
    const given = parametersOf(pullReceipts.body, request.body, reply, "body");
    if (!given) return reply;
    return answerWork(request, reply, async (watch) => ({
      pulled: await pullNow(given.name, { config, stores, assembly, clock }, watch),
    }));
  });
};
