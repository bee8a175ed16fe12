import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { providerStates } from "../../operations/provider-states.js";
import { pullNow } from "../../operations/pull-now.js";
import { forOperators } from "../for-operators.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { parametersOf } from "./parameters-of.js";

const pullBody = z.strictObject({ name: z.string().min(1).max(200).describe("give the name of a provider that can be asked") });

/** Lists providers' states, and queries one for missing receipts. */
export const providerRoutes = (
  app: FastifyInstance,
  { config, stores, assembly, clock }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock">,
  answerWork: AnswerWork,
): void => {
  app.get("/v1/providers", forOperators, async (_request, reply) => reply.send({ providers: await providerStates(config, stores.cells) }));

  app.post("/v1/providers/pull", forOperators, async (request, reply) => {
    const given = parametersOf(pullBody, request.body, reply, "body");
    if (!given) return reply;
    return answerWork(request, reply, async (watch) => ({
      pulled: await pullNow(given.name, { config, stores, assembly, clock }, watch),
    }));
  });
};
