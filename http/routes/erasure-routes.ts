import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { countRecipient, eraseRecipient } from "../../operations/erasure.js";
import { forOperators } from "../for-operators.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { parametersOf } from "./parameters-of.js";

const presetWaitMs = 60_000;
const mostWaitMs = 600_000;

/** In the body, because proxies log URLs and recipients are personal data. */
const recipient = {
  to: z.string().trim().min(1).max(2_048).describe("give an address, a number or an endpoint"),
  tenant: z.string().min(1).max(200).optional().describe("give a tenant, or leave it out for the messages of all"),
};
const countBody = z.strictObject(recipient);
const eraseBody = z.strictObject({
  ...recipient,
  waitMs: z
    .number()
    .int()
    .min(1)
    .max(mostWaitMs)
    .default(presetWaitMs)
    .describe(`give how long to wait for records on their way to the lineage, in milliseconds, at most ${mostWaitMs}`),
});

/** Erases a recipient, and counts a recipient's data. */
export const erasureRoutes = (
  app: FastifyInstance,
  {
    config,
    stores,
    assembly,
    clock,
    deadLetters: letters,
  }: Pick<HttpDependencies, "config" | "stores" | "assembly" | "clock" | "deadLetters">,
  answerWork: AnswerWork,
): void => {
  app.post("/v1/erasures/count", forOperators, async (request, reply) => {
    const given = parametersOf(countBody, request.body, reply, "body");
    return given ? reply.send({ messages: await countRecipient(stores, given) }) : reply;
  });

  app.post("/v1/erasures", forOperators, async (request, reply) => {
    const given = parametersOf(eraseBody, request.body, reply, "body");
    if (!given) return reply;
    return answerWork(request, reply, async ({ progress }) => {
      const erased = await eraseRecipient({ config, stores, assembly, letters, clock }, { ...given, onProgress: progress });
      const { retentionMs, deadLetterRetentionMs } = config.topics;
      return { erased, at: new Date(clock.now()).toISOString(), retentionMs, deadLetterRetentionMs };
    });
  });
};
