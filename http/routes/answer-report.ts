import type { FastifyReply, FastifyRequest } from "fastify";
import { identityOf } from "../access/access.js";
import type { Identity } from "../access/caller.js";
import { answerRefusal } from "../refusals.js";

/** All tenants for operators, else the key's own tenant. */
const scopeOf = ({ tenant, operator }: Identity): string | undefined => (operator ? undefined : tenant);

/** Answers with the work's reply, or with its refusal. The work reads the data of `tenant`; of all tenants if it is undefined. */
export const answerReport = async (
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tenant: string | undefined) => Promise<FastifyReply | undefined>,
): Promise<FastifyReply> => {
  try {
    return (await work(scopeOf(identityOf(request)))) ?? reply;
  } catch (error) {
    return answerRefusal(reply, error);
  }
};
