import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { queueStates } from "../../operations/lag/queue-states.js";
import { measurePlan } from "../../operations/load/measure-plan.js";
import { mostMeasuredMs, mostPeak, mostTargetAgeMs } from "../../operations/load/plan-limits.js";
import { last, wholeNumber } from "../../reports/parameters.js";
import { forOperators } from "../for-operators.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { parametersOf } from "./parameters-of.js";

const planParameters = z.strictObject({
  targetAgeMs: wholeNumber(1, mostTargetAgeMs)
    .default(5_000)
    .describe(`give how long a record may wait, in milliseconds, at most ${mostTargetAgeMs}`),
  peak: z
    .preprocess(last, z.string().regex(/^\d{1,4}(\.\d{1,20})?$/, "is not a number"))
    .transform(Number)
    .pipe(z.number().min(1).max(mostPeak))
    .default(2)
    .describe("give the multiple of the current input to plan for, from 1 to 1000"),
  forMs: wholeNumber(1, mostMeasuredMs).default(1_000).describe(`give how long to measure, in milliseconds, at most ${mostMeasuredMs}`),
});

/** The current queues, and the plan of their sizes. */
export const queueRoutes = (
  app: FastifyInstance,
  { config, stores, assembly, clock }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock">,
  answerWork: AnswerWork,
): void => {
  app.get("/v1/queues", forOperators, async (_request, reply) => reply.send({ queues: await queueStates(config, assembly, stores) }));

  // a HEAD request would measure, too
  app.get("/v1/queues/plan", { ...forOperators, exposeHeadRoute: false }, async (request, reply) => {
    const question = parametersOf(planParameters, request.query, reply);
    if (!question) return reply;
    return answerWork(request, reply, (watch) => measurePlan({ config, stores, assembly, clock }, question, watch));
  });
};
