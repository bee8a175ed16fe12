import { STATUS_CODES } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Finding } from "../channels/finding.js";
import type { ErrorCode } from "../schemas/errors.js";
import type { Mask } from "../schemas/secret-mask.js";

const leastServerFault = 500;

/** What a caller learns of a finding. */
export const faultOf = ({ field, problem, fix }: Pick<Finding, "field" | "problem" | "fix">) => ({ field, problem, fix });

/** The wait of a caller whose handler names none. */
const retryAfterSeconds = 2;
const mayBeRetried = (status: number): boolean => status === 429 || status === 503;

/** Answers with problem+json; `code` is the error's own (docs/reference.md). A server error includes the id that finds its log line. Source: RFC 9457. */
export const answerProblem = (
  reply: FastifyReply,
  status: number,
  detail?: string,
  errors?: readonly Pick<Finding, "field" | "problem" | "fix">[],
  code?: ErrorCode,
): FastifyReply => {
  if (mayBeRetried(status) && !reply.hasHeader("retry-after")) reply.header("retry-after", String(retryAfterSeconds));
  return reply
    .code(status)
    .type("application/problem+json")
    .send({
      type: "about:blank",
      title: STATUS_CODES[status] ?? "Error",
      status,
      ...(detail ? { detail } : {}),
      ...(errors ? { errors } : {}),
      ...(code ? { code } : {}),
      ...(status >= leastServerFault ? { requestId: reply.request.id } : {}),
    });
};

/** Masks secrets in every problem, whatever code creates it. */
export const maskProblems =
  (mask: Mask) =>
  async (_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const isProblem = String(reply.getHeader("content-type") ?? "").startsWith("application/problem+json");
    return isProblem && typeof payload === "string" ? mask(payload) : payload;
  };
