import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { KeyCheck, KeyNeed, KeyRefusal } from "../../access/key-check.js";
import type { KeyPrincipal, LoopbackPrincipal, Principal } from "../../access/principal.js";
import { isToken, type TokenCheck } from "../../access/user-tokens.js";
import type { Metrics } from "../../operations/telemetry/metrics.js";
import { isForeign, isLocal } from "../../wire/request-origin.js";
import { answerProblem } from "../problem.js";
import { answerTooManyFailures } from "./answer-limited.js";
import { type Identity, identityFor } from "./caller.js";
import type { FailedAttempts } from "./failed-attempts.js";
import { scopeOf } from "./route-scope.js";
import { cookieOf } from "./session-cookie.js";
import type { Sessions } from "./sessions.js";

/** Identifies a request's caller. Answers 401 or 429 if it cannot. */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<Identity | undefined>;

/** Cookie with the console's session. */
export const sessionCookie = "carillon_session";

const credentialOf = (text: string): string => createHash("sha256").update(text).digest("base64");

/** The session in a request's cookie. Pages of other sites cannot use it. */
export const sessionOf = (request: FastifyRequest): string | undefined => {
  if (isForeign(request)) return undefined;
  return cookieOf(request, sessionCookie);
};

/** The principal of a browser that acts for the page: from its session, or as a local program if no keys are configured. */
export const createRecognize =
  (loopback: LoopbackPrincipal | undefined, sessions: Pick<Sessions, "find">) =>
  async (request: FastifyRequest, need?: KeyNeed): Promise<Principal | undefined> => {
    const session = sessionOf(request);
    const signedIn = session === undefined ? undefined : await sessions.find(session, need);
    if (signedIn) return signedIn;
    const { headers, host } = request;
    const origin = { headers, host, peer: request.socket.remoteAddress ?? "", httpVersion: request.raw.httpVersion };
    return loopback && isLocal(origin) ? loopback : undefined;
  };

/** `waitSeconds`: how long the address has to wait; 0: it may try again now. `perMinute`: failures that it may have. */
export type WrongKey = { readonly waitSeconds: number; readonly perMinute: number; readonly refusal: KeyRefusal };

export type TriedKey = { readonly principal: KeyPrincipal } | WrongKey;

export interface AuthenticationDependencies {
  readonly checkKey: KeyCheck;
  readonly attempts: FailedAttempts;
  readonly metrics: Pick<Metrics, "authenticationFailures">;
}

/** Tries a key. Rejects UNAVAILABLE when the keys of the store cannot be checked, which is no failed attempt. */
export const createKeyTrial =
  ({ checkKey, attempts, metrics }: AuthenticationDependencies) =>
  async (given: string, address: string, need?: KeyNeed): Promise<TriedKey> => {
    const credential = credentialOf(given);
    const { perMinute } = attempts;
    const waitSeconds = attempts.waitSeconds(address, credential);
    if (waitSeconds > 0) {
      metrics.authenticationFailures.inc({ kind: "key", result: "limited" });
      return { waitSeconds, perMinute, refusal: "unknown" };
    }
    const answer = await checkKey(given, need);
    if ("principal" in answer) {
      attempts.succeeded(address, credential);
      return answer;
    }
    attempts.failed(address);
    metrics.authenticationFailures.inc({ kind: "key", result: "refused" });
    return { waitSeconds: 0, perMinute, ...answer };
  };

export type TryKey = ReturnType<typeof createKeyTrial>;

const wordsOf: Readonly<Record<KeyRefusal, string>> = {
  unknown: "the API key is invalid: send a valid key as a bearer token",
  revoked: "the API key was revoked",
  expired: "the API key has expired",
  suspended: "the tenant of the API key is suspended",
};

/** Answers a request with a wrong key, or from an address with too many failures. */
export const answerWrongKey = (reply: FastifyReply, { refusal, ...limited }: WrongKey): FastifyReply =>
  limited.waitSeconds > 0
    ? answerTooManyFailures(reply, limited)
    : answerProblem(reply.header("www-authenticate", "Bearer"), 401, wordsOf[refusal]);

/** Whether a request changes rights or settings, so that its key must be checked against the current ones. */
const isAdministrative = ({ method, routeOptions }: FastifyRequest): boolean =>
  method !== "GET" && method !== "HEAD" && ["manage", "operate"].includes(scopeOf(routeOptions));

const bearer = /^Bearer +(\S.*)$/i;

export interface AuthenticateDependencies {
  readonly tryKey: TryKey;
  readonly checkToken: TokenCheck;
  readonly recognize: ReturnType<typeof createRecognize>;
  readonly metrics: Pick<Metrics, "authenticationFailures">;
}

/**
 * The user of a token. Failures are not limited by address: a signature cannot be guessed, and phones with expired tokens share their
 * address with others.
 */
const createUserRecognition =
  ({ checkToken, metrics }: Pick<AuthenticateDependencies, "checkToken" | "metrics">) =>
  async (token: string, reply: FastifyReply, need: KeyNeed): Promise<Identity | undefined> => {
    const answer = await checkToken(token, need);
    if ("principal" in answer) return identityFor(answer.principal);
    metrics.authenticationFailures.inc({ kind: "token", result: "refused" });
    void answerProblem(reply.header("www-authenticate", 'Bearer error="invalid_token"'), 401, answer.refusal);
    return undefined;
  };

/** Authenticates by a bearer token, by a console session, or by being on this machine if no keys are configured. */
export const createAuthenticate = ({ tryKey, checkToken, recognize, metrics }: AuthenticateDependencies): Authenticate => {
  const userOf = createUserRecognition({ checkToken, metrics });
  return async (request, reply) => {
    const { authorization } = request.headers;
    const need = { administrative: isAdministrative(request) };
    if (authorization !== undefined) {
      const given = bearer.exec(authorization)?.[1] ?? authorization;
      if (isToken(given)) return userOf(given, reply, need);
      const answer = await tryKey(given, request.ip, need);
      if ("principal" in answer) return identityFor(answer.principal);
      void answerWrongKey(reply, answer);
      return undefined;
    }
    const principal = await recognize(request, need);
    if (principal) return identityFor(principal);
    metrics.authenticationFailures.inc({ kind: "missing", result: "refused" });
    void answerProblem(reply.header("www-authenticate", "Bearer"), 401, "the API key is missing: send it as a bearer token");
    return undefined;
  };
};
