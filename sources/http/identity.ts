import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../config/schema.js";
import { answerProblem } from "./problem.js";

/** Who asks. */
export interface Identity {
  /** Whose messages it sends. */
  readonly tenant: string;
  /** Whether it may see and do what concerns all tenants. */
  readonly operator: boolean;
}

/** Who asks; answers 401 where that is nobody. */
export type Identify = (request: FastifyRequest, reply: FastifyReply) => Identity | undefined;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const loopbackAddresses = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** The tenant that everybody on the same machine is where no keys are configured. */
export const localTenant = "local";

/** Where a browser that has signed in keeps its key. */
export const sessionCookie = "carillon_key";

const keyOf = (request: FastifyRequest): string | undefined => {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const cookie = (request.headers.cookie ?? "")
    .split(";")
    .map((part) => part.trim().split("="))
    .find(([name]) => name === sessionCookie)?.[1];
  return cookie === undefined ? undefined : Buffer.from(cookie, "base64url").toString();
};

/** Who a key is of. */
export const createKeyCheck = (config: Config): ((key: string) => Identity | undefined) => {
  const keys = config.http.apiKeys.map(({ tenant, key, role }) => ({ tenant, operator: role === "operator", digest: digest(key) }));
  return (given) => {
    const wanted = digest(given);
    const found = keys.find((key) => timingSafeEqual(key.digest, wanted));
    return found && { tenant: found.tenant, operator: found.operator };
  };
};

/** Finds who asks: by a key, or anybody from loopback where no keys are configured. */
export const createRecognize = (config: Config): ((request: FastifyRequest) => Identity | undefined) => {
  const identityOf = createKeyCheck(config);
  return (request) => {
    const given = keyOf(request);
    if (given !== undefined) return identityOf(given);
    // a page of another site that had its name pointed here shows itself by its Host
    const local = loopbackAddresses.has(request.ip) && loopbackHost.test(request.headers.host ?? "");
    return config.http.apiKeys.length === 0 && local ? { tenant: localTenant, operator: true } : undefined;
  };
};

export const createIdentify = (config: Config): Identify => {
  const recognize = createRecognize(config);
  return (request, reply) => {
    const identity = recognize(request);
    if (!identity) void answerProblem(reply, 401, "Who asks?", "send a configured key as a bearer token");
    return identity;
  };
};
