import type { FastifyReply } from "fastify";
import { answerProblem } from "../problem.js";

interface Limited {
  readonly waitSeconds: number;
  /** Failed authentications that an address may have per minute. */
  readonly perMinute: number;
}

const policy = '"failed-authentications"';

/** Answers an address with too many failed authentications. Source: draft-ietf-httpapi-ratelimit-headers-10. */
export const answerLimited = (reply: FastifyReply, { waitSeconds, perMinute }: Limited): FastifyReply => {
  reply.headers({
    "retry-after": String(waitSeconds),
    "ratelimit-policy": `${policy};q=${perMinute};w=60`,
    ratelimit: `${policy};r=0;t=${waitSeconds}`,
  });
  return answerProblem(reply, 429, "too many failed authentication attempts from this address");
};
