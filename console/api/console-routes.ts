import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { Config } from "../../config/schema.js";
import { reasons } from "../../schemas/reasons.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { createKeyCheck, createRecognize, type Identify, sessionCookie } from "../../sources/http/identity.js";
import { answerProblem } from "../../sources/http/problem.js";
import type { Topology } from "../../topology/builder.js";
import { describeTopology } from "../../topology/describe.js";
import { asOperator } from "./dead-letter-routes.js";
import type { Live } from "./live.js";
import type { AboutView, LiveView, SessionView } from "./views.js";

const signIn = z.strictObject({ key: z.string().min(1).max(1_000) });
const sessionSeconds = 12 * 3_600;
const mostWatchers = 100;

const setCookie = (reply: FastifyReply, secure: boolean, value: string, maxAgeSeconds: number): void => {
  const parts = [`${sessionCookie}=${value}`, "Path=/", "HttpOnly", "SameSite=Strict", `Max-Age=${maxAgeSeconds}`];
  reply.header("set-cookie", [...parts, ...(secure ? ["Secure"] : [])].join("; "));
};

const aboutOf = (config: Config, topology: Topology): AboutView => ({
  profile: config.profile,
  instance: config.instance,
  timeZone: config.reports.timeZone,
  topology: describeTopology(topology),
  channels,
  lanes,
  templates: Object.entries(config.templates).map(([name, parts]) => ({ name, channels: Object.keys(parts) })),
  reasons,
});

/** What the page asks beside the reports, messages and dead letters: who it is, what there is, and how everything stands. */
export const consoleRoutes = (
  app: FastifyInstance,
  {
    config,
    topology,
    live,
    identify,
  }: { readonly config: Config; readonly topology: Topology; readonly live: Live; readonly identify: Identify },
): void => {
  const recognize = createRecognize(config);
  const identityOf = createKeyCheck(config);
  const watching = new Set<ServerResponse>();
  app.addHook("preClose", async () => {
    for (const raw of watching) raw.end();
  });

  app.get("/console/api/session", (request, reply) => {
    const identity = recognize(request);
    const view: SessionView = {
      signedIn: identity !== undefined,
      tenant: identity?.tenant ?? null,
      operator: identity?.operator ?? false,
      byKey: config.http.apiKeys.length > 0,
    };
    return reply.header("cache-control", "no-store").send(view);
  });

  app.post("/console/api/session", (request, reply) => {
    const { data } = signIn.safeParse(request.body ?? {});
    const identity = data && identityOf(data.key);
    if (!identity) return answerProblem(reply, 401, "The key is not known", "ask whoever configured http.apiKeys");
    if (!identity.operator) return answerProblem(reply, 403, "For operators", "use a key whose role is operator");
    setCookie(reply, request.protocol === "https", Buffer.from(data.key).toString("base64url"), sessionSeconds);
    return reply.code(204).send();
  });

  app.delete("/console/api/session", (request, reply) => {
    setCookie(reply, request.protocol === "https", "", 0);
    return reply.code(204).send();
  });

  app.get("/console/api/about", (request, reply) => {
    if (!asOperator(identify, request, reply)) return reply;
    return reply.send(aboutOf(config, topology));
  });

  app.get("/console/api/live", (request, reply) => {
    if (!asOperator(identify, request, reply)) return reply;
    if (watching.size >= mostWatchers) return answerProblem(reply, 503, "Too many watch already", "close a page");
    reply.hijack();
    const { raw } = reply;
    watching.add(raw);
    raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    raw.write("retry: 2000\n\n");
    const tell = (view: LiveView): void => {
      // a page that does not read misses views; it is never the reason for a growing buffer
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
