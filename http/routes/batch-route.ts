import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isTest } from "../../access/principal.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { defaultLane } from "../../schemas/vocabulary.js";
import type { BatchIntake, Taken } from "../../sources/take-batch.js";
import { identityOf } from "../access/access.js";
import type { BatchResult } from "../batch-result.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { faultOf } from "../problem.js";
import { sendBatch } from "./contracts/message-contracts.js";
import { parametersOf } from "./parameters-of.js";

const resultOf = (taken: Taken): BatchResult => {
  if ("errors" in taken) return { errors: taken.errors.map(faultOf) };
  const { request, warnings } = taken;
  return { id: request.id, ...(warnings.length > 0 ? { warnings: warnings.map(faultOf) } : {}) };
};

/** Accepts up to `mostInBatch` messages with one answer: their results in order, once all accepted ones are durable. */
export const batchRoute = (
  app: FastifyInstance,
  intake: BatchIntake,
  metrics: HttpDependencies["metrics"],
  onAccepted: (requests: readonly MessageRequested[]) => void,
): void => {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { tenant, operator: isOperator, principal } = identityOf(request);
    const given = parametersOf(sendBatch.body, request.body, reply, "body");
    if (!given) return reply;
    const taken = await intake.take(given.messages, { tenant, isOperator, isTest: isTest(principal) });
    for (const one of taken) {
      if ("errors" in one) for (const { reason } of one.errors) metrics.refused.inc({ reason });
      else metrics.accepted.inc({ channel: one.request.channel, lane: one.request.lane ?? defaultLane });
    }
    onAccepted(taken.flatMap((one) => ("request" in one ? [one.request] : [])));
    return reply.send({ results: taken.map(resultOf) });
  };
  addRoute(app, sendBatch, answer, { checksNames: true });
};
