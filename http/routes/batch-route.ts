import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Taken } from "../../sources/sending/sending.js";
import { acceptedBody } from "../accepted-body.js";
import { noteLimit } from "../access/answer-limited.js";
import type { BatchResult } from "../batch-result.js";
import { addRoute } from "../contract/route-contract.js";
import { answerProblem, faultOf } from "../problem.js";
import type { TakeCounted } from "../take-counted.js";
import { sendBatch } from "./contracts/message-contracts.js";
import { parametersOf } from "./parameters-of.js";

const resultOf = (taken: Taken): BatchResult => ("cause" in taken ? { errors: taken.errors.map(faultOf) } : acceptedBody(taken));

/** A key for the whole batch would promise that a repeat sends nothing again, so it is not ignored. */
const keyOfBatch = {
  field: "Idempotency-Key",
  problem: "is for a single message",
  fix: "leave it out, and give each message of the batch its own idempotencyKey",
};

/** Accepts up to `mostInBatch` messages with one answer: their results in order, once all accepted ones are durable. */
export const batchRoute = (app: FastifyInstance, take: TakeCounted): void => {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (request.headers["idempotency-key"] !== undefined) return answerProblem(reply, 400, undefined, [keyOfBatch]);
    const given = parametersOf(sendBatch.body, request.body, reply, "body");
    if (!given) return reply;
    const taken = await take(given.messages, request);
    const exceeded = taken.flatMap((one) => ("cause" in one && one.exceeded ? [one.exceeded] : []))[0];
    if (exceeded) noteLimit(reply, exceeded);
    return reply.send({ results: taken.map(resultOf) });
  };
  addRoute(app, sendBatch, answer, { checksNames: true });
};
