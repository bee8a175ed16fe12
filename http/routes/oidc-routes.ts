import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { answerTooManyFailures } from "../access/answer-limited.js";
import type { FailedAttempts } from "../access/failed-attempts.js";
import { sessionCookie } from "../access/identity.js";
import { createOidcClient, signInSeconds } from "../access/oidc/oidc-client.js";
import { type Person, principalOf } from "../access/oidc/person.js";
import { cookieOf, setCookie } from "../access/session-cookie.js";
import { type Sessions, sessionSeconds } from "../access/sessions.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { answerProblem } from "../problem.js";
import { beginOidcSignIn, endOidcSignIn } from "./contracts/oidc-contracts.js";

export interface OidcDependencies extends Pick<HttpDependencies, "config" | "clock" | "metrics"> {
  readonly sessions: Pick<Sessions, "beginFor">;
  readonly attempts: FailedAttempts;
}

/** The provider returns the browser by a navigation from its own site, so this cookie is sent with such navigations. */
const stateCookie = { name: "carillon_sign_in", path: "/console/api/oidc", sameSite: "Lax" } as const;

/** What the page says about a sign-in that failed. */
type Failure = "refused" | "forbidden";

const toPage = (reply: FastifyReply, failure?: Failure): FastifyReply => reply.redirect(failure ? `/?sign-in=${failure}` : "/", 303);

const queryOf = ({ url }: FastifyRequest): string => {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at);
};

const answerNone = (reply: FastifyReply): FastifyReply =>
  answerProblem(reply, 404, "no OpenID provider is configured: sign in with a key, or configure http.oidc");

/** Sign-in to the console at an OpenID provider. */
export const oidcRoutes = (app: FastifyInstance, { config, clock, metrics, sessions, attempts }: OidcDependencies): void => {
  const { oidc } = config.http;
  if (oidc === null) {
    for (const contract of [beginOidcSignIn, endOidcSignIn]) addRoute(app, contract, (_request, reply) => answerNone(reply));
    return;
  }
  const client = createOidcClient(oidc, clock);

  addRoute(app, beginOidcSignIn, async (request, reply) => {
    const { url, state } = await client.begin();
    setCookie(request, reply, { ...stateCookie, value: state, maxAgeSeconds: signInSeconds });
    return reply.redirect(url, 303);
  });

  const refuse = (request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply => {
    attempts.failed(request.ip);
    metrics.authenticationFailures.inc({ kind: "oidc", result: "refused" });
    return toPage(reply, failure);
  };
  const signIn = async (request: FastifyRequest, reply: FastifyReply, person: Person): Promise<FastifyReply> => {
    if (!principalOf(person, oidc)) return refuse(request, reply, "forbidden");
    const value = await sessions.beginFor(person);
    setCookie(request, reply, { name: sessionCookie, path: "/", sameSite: "Strict", value, maxAgeSeconds: sessionSeconds });
    return toPage(reply);
  };
  addRoute(app, endOidcSignIn, async (request, reply) => {
    const waitSeconds = attempts.waitSeconds(request.ip, "");
    if (waitSeconds > 0) {
      metrics.authenticationFailures.inc({ kind: "oidc", result: "limited" });
      return answerTooManyFailures(reply, { waitSeconds, perMinute: attempts.perMinute });
    }
    const person = await client.end(queryOf(request), cookieOf(request, stateCookie.name));
    setCookie(request, reply, { ...stateCookie, value: "", maxAgeSeconds: 0 });
    return person ? signIn(request, reply, person) : refuse(request, reply, "refused");
  });
};
