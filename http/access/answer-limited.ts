import type { FastifyReply } from "fastify";
import type { LimitState } from "../../access/limits/tenant-limits.js";
import type { Finding } from "../../channels/finding.js";
import { answerProblem } from "../problem.js";

const append = (reply: FastifyReply, header: string, member: string): void => {
  const former = reply.getHeader(header);
  reply.header(header, former === undefined ? member : `${former}, ${member}`);
};

/** Names a limit and its state in the headers of an answer, after the ones that it has. Source: draft-ietf-httpapi-ratelimit-headers-10. */
export const noteLimit = (reply: FastifyReply, { name, quota, windowSeconds, left, resetSeconds }: LimitState): void => {
  append(reply, "ratelimit-policy", `"${name}";q=${quota};w=${windowSeconds}`);
  append(reply, "ratelimit", `"${name}";r=${left};t=${resetSeconds}`);
};

/** Answers a caller that has reached a limit, with the time until it may try again. */
export const answerLimited = (
  reply: FastifyReply,
  limit: LimitState,
  detail: string,
  errors?: readonly Pick<Finding, "field" | "problem" | "fix">[],
): FastifyReply => {
  noteLimit(reply, limit);
  return answerProblem(reply.header("retry-after", String(Math.max(1, limit.resetSeconds))), 429, detail, errors);
};

/** Answers an address with too many failed authentications. */
export const answerTooManyFailures = (
  reply: FastifyReply,
  { waitSeconds, perMinute }: { readonly waitSeconds: number; readonly perMinute: number },
): FastifyReply => {
  const limit = { name: "failed-authentications", quota: perMinute, windowSeconds: 60, left: 0, resetSeconds: waitSeconds } as const;
  return answerLimited(reply, limit, "too many failed authentication attempts from this address");
};
