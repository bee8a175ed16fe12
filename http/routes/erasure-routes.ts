import type { FastifyInstance } from "fastify";
import { countRecipient, eraseRecipient } from "../../operations/erasure.js";
import { addRoute } from "../contract/route-contract.js";
import { countBodies, erasureBodies } from "../contract/schemas/erasure-bodies.js";
import type { HttpDependencies } from "../http-dependencies.js";
import type { AnswerWork } from "../work/long-work.js";
import { countRecipientData, eraseRecipientData } from "./contracts/operation-contracts.js";
import { parametersOf } from "./parameters-of.js";

const kindOf = (body: unknown): "address" | "user" =>
  typeof body === "object" && body !== null && Object.hasOwn(body, "user") ? "user" : "address";

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
  addRoute(app, countRecipientData, async (request, reply) => {
    const given = parametersOf(countBodies[kindOf(request.body)], request.body, reply, "body");
    return given ? reply.send({ messages: await countRecipient(stores, given) }) : reply;
  });

  addRoute(app, eraseRecipientData, async (request, reply) => {
    const given = parametersOf(erasureBodies[kindOf(request.body)], request.body, reply, "body");
    if (!given) return reply;
    return answerWork(request, reply, async ({ progress }) => {
      const erased = await eraseRecipient({ config, stores, assembly, letters, clock }, { ...given, onProgress: progress });
      const { retentionMs, deadLetterRetentionMs } = config.topics;
      return { erased, at: new Date(clock.now()).toISOString(), retentionMs, deadLetterRetentionMs };
    });
  });
};
