import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { localTenant } from "../../config/keys.js";
import type { Metrics } from "../../operations/telemetry/metrics.js";
import { isForeign, isLocal } from "../../wire/request-origin.js";
import { answerProblem } from "../problem.js";
import type { ApiKey, Identity } from "./api-key.js";
import type { FailedAttempts } from "./failed-attempts.js";
import type { Sessions } from "./sessions.js";

/** Identifies a request's caller. Answers 401 or 429 if it cannot. */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<Identity | undefined>;

/** The tenant of all requests from the same machine when no keys are configured. */
export { localTenant };

/** Cookie with the console's session. */
export const sessionCookie = "carillon_session";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Finds a configured key in constant time. */
export const createKeyCheck = (keys: readonly ApiKey[]): ((given: string) => ApiKey | undefined) => {
  const known = keys.map((key) => ({ key, digest: digest(key.key) }));
  return (given) => {
    const wanted = digest(given);
    return known.filter((one) => timingSafeEqual(one.digest, wanted))[0]?.key;
  };
};

/** The session in a request's cookie. Pages of other sites cannot use it. */
export const sessionOf = (request: FastifyRequest): string | undefined => {
  if (isForeign(request)) return undefined;
  const cookies = (request.headers.cookie ?? "").split(";").map((part) => part.trim().split("="));
  return cookies.find(([name]) => name === sessionCookie)?.[1];
};

/** The identity of a browser that acts for the page: from its session, or as a local program if no keys are configured. */
export const createRecognize =
  (keys: readonly ApiKey[], sessions: Pick<Sessions, "find">) =>
  async (request: FastifyRequest): Promise<Identity | undefined> => {
    const session = sessionOf(request);
    const signedIn = session === undefined ? undefined : await sessions.find(session);
    if (signedIn) return signedIn;
    const { headers, host } = request;
    const origin = { headers, host, peer: request.socket.remoteAddress ?? "", httpVersion: request.raw.httpVersion };
    return keys.length === 0 && isLocal(origin) ? { tenant: localTenant, operator: true } : undefined;
  };

export type KeyAnswer = { readonly key: ApiKey } | { readonly waitSeconds: number };

export interface AuthenticationDependencies {
  readonly keys: readonly ApiKey[];
  readonly attempts: FailedAttempts;
  readonly metrics: Pick<Metrics, "authenticationFailures">;
}

/** Tries a key. Returns its entry, or the seconds that the address has to wait (0: it may try again now). */
export const createKeyTrial = ({ keys, attempts, metrics }: AuthenticationDependencies) => {
  const check = createKeyCheck(keys);
  return (given: string, address: string): KeyAnswer => {
    const credential = digest(given).toString("base64");
    const waitSeconds = attempts.waitSeconds(address, credential);
    if (waitSeconds > 0) {
      metrics.authenticationFailures.inc({ kind: "key", result: "limited" });
      return { waitSeconds };
    }
    const key = check(given);
    if (key) attempts.succeeded(address, credential);
    else {
      attempts.failed(address);
      metrics.authenticationFailures.inc({ kind: "key", result: "refused" });
    }
    return key ? { key } : { waitSeconds: 0 };
  };
};

export type TryKey = ReturnType<typeof createKeyTrial>;

/** Answers a request with a wrong key, or from an address with too many failures. */
export const answerWrongKey = (reply: FastifyReply, waitSeconds: number): FastifyReply =>
  waitSeconds > 0
    ? answerProblem(reply.header("retry-after", String(waitSeconds)), 429, "too many failed authentication attempts from this address")
    : answerProblem(reply.header("www-authenticate", "Bearer"), 401, "the API key is invalid: send one of http.apiKeys as a bearer token");

const bearer = /^Bearer +(\S.*)$/i;

/** Authenticates by a bearer token, by a console session, or by being on this machine if no keys are configured. */
export const createAuthenticate = (
  tryKey: TryKey,
  recognize: ReturnType<typeof createRecognize>,
  metrics: Pick<Metrics, "authenticationFailures">,
): Authenticate => {
  return async (request, reply) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const answer = tryKey(bearer.exec(authorization)?.[1] ?? authorization, request.ip);
      if ("key" in answer) return { tenant: answer.key.tenant, operator: answer.key.role === "operator" };
      void answerWrongKey(reply, answer.waitSeconds);
      return undefined;
    }
    const identity = await recognize(request);
    if (identity) return identity;
    metrics.authenticationFailures.inc({ kind: "missing", result: "refused" });
    void answerProblem(
      reply.header("www-authenticate", "Bearer"),
      401,
      "the API key is missing: send one of http.apiKeys as a bearer token",
    );
    return undefined;
  };
};
