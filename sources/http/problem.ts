import type { FastifyReply, FastifyRequest } from "fastify";
import type { Finding } from "../../client/check-message.js";
import type { Mask } from "../../schemas/secret-mask.js";

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

/** Keeps secrets out of every problem, whoever words it. */
export const maskProblems =
  (mask: Mask) =>
  async (_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const isProblem = String(reply.getHeader("content-type") ?? "").startsWith("application/problem+json");
    return isProblem && typeof payload === "string" ? mask(payload) : payload;
  };
