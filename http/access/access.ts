import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Decision, decide, decideForUser, installation, type Target } from "../../access/decide.js";
import { limitWords, type TenantLimits } from "../../access/limits/tenant-limits.js";
import type { Author } from "../../operations/tenants/record-change.js";
import { ownVersion, versionHeader } from "../../wire/own-version.js";
import { isForeign, namesLoopback } from "../../wire/request-origin.js";
import { answerProblem } from "../problem.js";
import { answerLimited, noteLimit } from "./answer-limited.js";
import type { Identity } from "./caller.js";
import type { Authenticate } from "./identity.js";
import { scopeOf } from "./route-scope.js";

/** Access levels. Every route declares one as `config.access`. */
export const accesses = {
  page: "anyone: console files, the same for all users",
  monitoring: "anyone on the network; if Carillon listens on loopback only, by a loopback name",
  session: "anyone except pages of other sites: signs in and out",
  signIn: "anyone: a browser on its way to the OpenID provider and back",
  callback: "the provider, authenticated as providers.<name>.callback requires",
  tenant: "a key with the route's scope: it sees its own tenant's data, or with the scope operate all tenants' data",
  operator: "a key with the route's scope and the scope operate",
} as const;

export type Access = keyof typeof accesses;

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's access level. */
    access?: Access;
    /** The parameter of the path that names the tenant of the request. Without one, it is the caller's tenant. */
    tenantParam?: string;
    /** The parameter of the path that names a user, whose own token may call the route. Without one, no user's token may. */
    userParam?: string;
  }
  interface FastifyRequest {
    /** The authenticated caller; null on a public route. */
    identity: Identity | null;
  }
}

/** The authenticated caller, on a route for tenants or operators. */
export const identityOf = ({ identity, routeOptions }: FastifyRequest): Identity => {
  if (identity === null) throw new Error(`${routeOptions.url} does not declare that it is for tenants or operators`);
  return identity;
};

/** The caller and the request, for the audit log. */
export const authorOf = (request: FastifyRequest): Author => ({ principal: identityOf(request).principal, requestId: request.id });

export interface AccessRules {
  readonly authenticate: Authenticate;
  readonly limits: Pick<TenantLimits, "takeRequest">;
  readonly onLimited: () => void;
  /** Whether only this machine can reach the listener. */
  readonly onLoopback: boolean;
}

/** Why a public route refuses a request nevertheless; undefined if it does not. */
const refusalOf = (access: Access, request: FastifyRequest, onLoopback: boolean): string | undefined => {
  if (access === "monitoring" && onLoopback && !namesLoopback(request.headers.host)) return "send the request to 127.0.0.1 or localhost";
  if (access === "session" && isForeign(request)) return "the request came from a page of another site";
  return undefined;
};

const paramOf = (params: unknown, name: string | undefined): string | undefined =>
  name === undefined ? undefined : (params as Readonly<Record<string, string>>)[name];

const targetOf = (access: Access, { params, routeOptions }: FastifyRequest, { tenant }: Identity): Target => {
  if (access === "operator") return installation;
  return paramOf(params, routeOptions.config.tenantParam) ?? tenant;
};

const decisionOf = (access: Access, request: FastifyRequest, identity: Identity): Decision => {
  const { principal } = identity;
  if (principal.kind === "user") return decideForUser(principal, paramOf(request.params, request.routeOptions.config.userParam));
  return decide(principal, targetOf(access, request, identity), scopeOf(request.routeOptions));
};

/** Counts a request against its tenant's rate. True: it was refused. A tenant without a rate waits for no store. */
const isOverRate = async (reply: FastifyReply, { tenant }: Identity, { limits, onLimited }: AccessRules): Promise<boolean> => {
  const taken = await limits.takeRequest(tenant);
  if (!taken) return false;
  if (taken.granted) {
    noteLimit(reply, taken.limit);
    return false;
  }
  onLimited();
  answerLimited(reply, taken.limit, `the tenant ${limitWords(taken.limit)}`);
  return true;
};

/** Enforces each route's access level before its body is read. A route without one cannot be registered. */
export const guardRoutes = (app: FastifyInstance, rules: AccessRules): void => {
  const { authenticate, onLoopback } = rules;
  app.decorateRequest("identity", null);
  app.addHook("onRoute", ({ method, url, config }) => {
    if (config?.access === undefined || !Object.hasOwn(accesses, config.access))
      throw new Error(`${method} ${url} declares no access: set config.access to one of ${Object.keys(accesses).join(", ")}`);
  });
  app.addHook("onRequest", async (request, reply) => {
    if (request.is404) return undefined;
    const { access = "operator" } = request.routeOptions.config;
    if (access !== "tenant" && access !== "operator") {
      const refusal = refusalOf(access, request, onLoopback);
      return refusal === undefined ? undefined : answerProblem(reply, 403, refusal);
    }
    const identity = await authenticate(request, reply);
    if (!identity) return reply;
    // only authenticated callers learn the version
    reply.header(versionHeader, ownVersion());
    const decision = decisionOf(access, request, identity);
    if (!decision.allowed) return answerProblem(reply, 403, decision.detail, undefined, "FORBIDDEN");
    request.identity = identity;
    return (await isOverRate(reply, identity, rules)) ? reply : undefined;
  });
};
