import type { FastifyReply } from "fastify";
import type { Finding } from "../../client/check-message.js";

/** An answer as problem+json. Source: RFC 9457. */
export const answerProblem = (
  reply: FastifyReply,
  status: number,
  title: string,
  detail?: string,
  errors?: readonly Pick<Finding, "field" | "problem" | "fix">[],
): FastifyReply =>
  reply
    .code(status)
    .type("application/problem+json")
    .send({ type: "about:blank", title, status, ...(detail ? { detail } : {}), ...(errors ? { errors } : {}) });
