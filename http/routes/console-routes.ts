import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Decision, decide, installation } from "../../access/decide.js";
import type { Principal } from "../../access/principal.js";
import { allScopes, type Scope } from "../../access/scopes.js";
import { rulesOf } from "../../channels/rules-of.js";
import type { Config } from "../../config/schema.js";
import type { Topology } from "../../engine/builder.js";
import { describeTopology } from "../../engine/describe.js";
import { reasons } from "../../schemas/reasons.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { identityFor } from "../access/caller.js";
import { answerWrongKey, type createRecognize, sessionCookie, sessionOf, type TryKey } from "../access/identity.js";
import { setCookie } from "../access/session-cookie.js";
import { type Sessions, sessionSeconds } from "../access/sessions.js";
import type { Live } from "../console/live.js";
import type { AboutView, CatalogView, LiveView, SessionView } from "../console/views.js";
import { addRoute } from "../contract/route-contract.js";
import { answerProblem } from "../problem.js";
import { requestIdHeader, safeHeaders } from "../safe-headers.js";
import { getAbout, getCatalog, getSession, signIn, signOut, watchLive } from "./contracts/console-contracts.js";

const mostWatchers = 100;

const setSession = (request: FastifyRequest, reply: FastifyReply, value: string, maxAgeSeconds: number): void =>
  setCookie(request, reply, { name: sessionCookie, path: "/", sameSite: "Strict", value, maxAgeSeconds });

const catalogOf = (config: Config): CatalogView => ({
  timeZone: config.reports.timeZone,
  channels: channels.map((name) => ({ name, ...rulesOf(name).form, example: rulesOf(name).sandbox.example })),
  lanes,
  templates: Object.entries(config.templates).map(([name, parts]) => ({ name, channels: Object.keys(parts) })),
  reasons,
});

const aboutOf = (config: Config, graphs: readonly Topology[]): AboutView => ({
  profile: config.profile,
  instance: config.instance,
  topologies: graphs.map(describeTopology),
  ...catalogOf(config),
});

/** The scopes that a principal may use on its own tenant. */
const scopesOf = (principal: Principal): readonly Scope[] =>
  allScopes.filter((scope) => decide(principal, principal.tenant, scope).allowed);

/** Whether a key opens the console: its pages need something to read. */
const signInDecision = (principal: Principal): Decision => {
  const asOperator = decide(principal, installation, "operate");
  return asOperator.allowed ? asOperator : decide(principal, principal.tenant, "read");
};

export interface ConsoleDependencies {
  readonly config: Config;
  readonly graphs: readonly Topology[];
  readonly live: Live;
  readonly sessions: Sessions;
  readonly tryKey: TryKey;
  readonly recognize: ReturnType<typeof createRecognize>;
}

const sessionRoutes = (app: FastifyInstance, { config, sessions, tryKey, recognize }: ConsoleDependencies): void => {
  addRoute(app, getSession, async (request, reply) => {
    const principal = await recognize(request);
    const identity = principal && identityFor(principal);
    const view: SessionView = {
      signedIn: identity !== undefined,
      tenant: identity?.tenant ?? null,
      operator: identity?.operator ?? false,
      scopes: principal ? scopesOf(principal) : [],
      byKey: config.http.apiKeys.length > 0,
      byOidc: config.http.oidc !== null,
    };
    return reply.send(view);
  });

  addRoute(app, signIn, async (request, reply) => {
    const key = signIn.body.safeParse(request.body ?? {}).data?.key ?? "";
    const answer = await tryKey(key, request.ip);
    if (!("principal" in answer)) return answerWrongKey(reply, answer);
    const decision = signInDecision(answer.principal);
    if (!decision.allowed) return answerProblem(reply, 403, decision.detail, undefined, "FORBIDDEN");
    setSession(request, reply, await sessions.begin({ key, principal: answer.principal }), sessionSeconds);
    return reply.code(204).send();
  });

  addRoute(app, signOut, async (request, reply) => {
    const session = sessionOf(request);
    if (session !== undefined) await sessions.end(session);
    setSession(request, reply, "", 0);
    return reply.code(204).send();
  });
};

/**
 * The page's own routes, in addition to reports, messages and dead letters: its session, the configuration, and the state of all queues.
 */
export const consoleRoutes = (app: FastifyInstance, dependencies: ConsoleDependencies): void => {
  const { config, graphs, live } = dependencies;
  const watching = new Set<ServerResponse>();
  app.addHook("preClose", async () => {
    for (const raw of watching) raw.end();
  });

  sessionRoutes(app, dependencies);

  addRoute(app, getAbout, (_request, reply) => reply.send(aboutOf(config, graphs)));

  addRoute(app, getCatalog, (_request, reply) => reply.send(catalogOf(config)));

  addRoute(app, watchLive, (request, reply) => {
    if (watching.size >= mostWatchers) return answerProblem(reply, 503, "too many pages have the live view open: close one");
    reply.hijack();
    const { raw } = reply;
    watching.add(raw);
    raw.writeHead(200, { ...safeHeaders, [requestIdHeader]: request.id, "content-type": "text/event-stream", "x-accel-buffering": "no" });
    raw.write("retry: 2000\n\n");
    const tell = (view: LiveView): void => {
      // a page that does not read misses views, instead of growing a buffer
      if (!raw.writableNeedDrain) raw.write(`data: ${JSON.stringify(view)}\n\n`);
    };
    const leave = live.subscribe(tell);
    raw.once("close", () => {
      watching.delete(raw);
      leave();
    });
    return reply;
  });
};
