import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { checkMessage, type Finding } from "../../client/check-message.js";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import { consoleRoutes } from "../../console/api/console-routes.js";
import { deadLetterRoutes } from "../../console/api/dead-letter-routes.js";
import { createLive } from "../../console/api/live.js";
import { pageRoutes } from "../../console/api/page-files.js";
import { reportRoutes } from "../../console/api/report-routes.js";
import { createReports } from "../../console/reports/reports.js";
import { createTurns } from "../../console/reports/turns.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { reasons } from "../../schemas/reasons.js";
import { isChannel } from "../../schemas/vocabulary.js";
import { createAccepter } from "../../service/accepter.js";
import type { Assembly } from "../../service/assemble.js";
import { createIdempotency } from "../../service/idempotency.js";
import type { LagWatch } from "../../service/lag-watch.js";
import type { Logger } from "../../service/logger.js";
import { viewOf, viewOfRequest } from "../../service/message-view.js";
import type { Metrics } from "../../service/metrics.js";
import { type ReadinessCheck, unreadyReasons } from "../../service/readiness.js";
import type { Stores } from "../../service/stores.js";
import type { DeadLetters } from "../../sinks/dead-letters.js";
import type { Clock } from "../../stores/clock.js";
import type { Callbacks } from "../callbacks/callbacks.js";
import { callbackRoutes } from "./callback-routes.js";
import { endpointRoutes } from "./endpoint-routes.js";
import { createIdentify, type Identify } from "./identity.js";
import { BodyRefused, readJsonBodies } from "./json-body.js";
import { answerProblem, maskProblems } from "./problem.js";
import { createRecentRequests } from "./recent-requests.js";

export interface HttpDependencies {
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: Assembly;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly callbacks: Callbacks;
  readonly lags: LagWatch;
  readonly deadLetters: DeadLetters;
  readonly readiness: readonly ReadinessCheck[];
}

export interface HttpServer {
  readonly url: string;
  /** Answers what is in hand, then closes. */
  stop(): Promise<void>;
}

/** Source: W3C Trace Context. */
const traceOf = ({ headers }: FastifyRequest) => [headers.traceparent?.toString(), headers.tracestate?.toString()] as const;

const recentMost = 10_000;

const answerRefused = (reply: FastifyReply, metrics: Pick<Metrics, "refused">, errors: readonly Finding[]): FastifyReply => {
  for (const { reason } of errors) metrics.refused.inc({ reason });
  const named = errors.map(({ field, problem, fix }) => ({ field, problem, fix }));
  return answerProblem(reply, 400, "The message cannot be sent as it is", undefined, named);
};

/** An idempotency key stands for one content: asking for another with it is a mistake that no retry fixes. */
const answerConflict = (reply: FastifyReply, metrics: Pick<Metrics, "refused">): FastifyReply => {
  metrics.refused.inc({ reason: "idempotency_conflict" });
  return answerProblem(reply, 409, "Conflict", reasons.idempotency_conflict, [
    { field: "idempotencyKey", problem: "was used before, for other content", fix: "send the same content again, or choose another key" },
  ]);
};

const messageRoutes = (app: FastifyInstance, dependencies: HttpDependencies, identify: Identify): void => {
  const { config, stores, assembly, metrics, clock } = dependencies;
  const accepter = createAccepter(assembly, config, stores.log, clock);
  const idempotency = createIdempotency(stores.claims, config, clock);
  const recent = createRecentRequests(recentMost);

  app.post("/v1/messages", async (request, reply) => {
    const identity = identify(request, reply);
    if (!identity) return reply;
    const { errors, warnings, message } = checkMessage(request.body ?? {}, config.limits, clock.now());
    const foreign = message?.tenant !== undefined && message.tenant !== identity.tenant && !identity.operator;
    if (foreign)
      return answerProblem(reply, 403, "Not this tenant", `the key is ${identity.tenant}'s`, [
        { field: "tenant", problem: "is not the key's", fix: "leave it out" },
      ]);
    if (!message) return answerRefused(reply, metrics, errors);
    const tenant = message.tenant ?? identity.tenant;
    const [conflict] = await idempotency.conflicts([message], tenant);
    if (conflict) return answerConflict(reply, metrics);
    const accepted = await accepter.accept([message], tenant, ...traceOf(request));
    recent.note(accepted);
    metrics.accepted.inc({ channel: message.channel, lane: message.lane });
    const notes = warnings.map(({ field, problem, fix }) => ({ field, problem, fix }));
    return reply.code(202).send({ id: accepted[0]?.id, ...(notes.length > 0 ? { warnings: notes } : {}) });
  });

  app.get<{ Params: { id: string } }>("/v1/messages/:id", async (request, reply) => {
    const identity = identify(request, reply);
    if (!identity) return reply;
    const { id } = request.params;
    const stored = await stores.lineage.find(id);
    const fresh = stored ? undefined : recent.find(id);
    const view = stored ? viewOf(stored) : fresh && viewOfRequest(fresh, config.instance);
    if (!view || (view.tenant !== identity.tenant && !identity.operator)) {
      return answerProblem(reply, 404, "There is no such message", `no message has the id ${id}`);
    }
    return reply.send(view);
  });

  app.get<{ Params: { channel: string } }>("/sandbox/outbox/:channel", async (request, reply) => {
    if (!identify(request, reply)) return reply;
    const { channel } = request.params;
    if (!isChannel(channel)) return answerProblem(reply, 404, "There is no such channel", "give email, sms or push");
    return reply.send(await assembly.outbox.latest(channel, 50));
  });
};

const breakerNumbers = { closed: 0, half_open: 1, open: 2 } as const;

const operationRoutes = (app: FastifyInstance, { metrics, assembly, readiness }: HttpDependencies): void => {
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const reasons = await unreadyReasons(readiness);
    return reasons.length === 0 ? { status: "ready" } : answerProblem(reply, 503, "Service Unavailable", reasons.join("; "));
  });
  app.get("/metrics", async (_request, reply) => {
    for (const { channel, provider, health } of assembly.routing.reports()) {
      metrics.providerBreaker.set({ channel, provider }, breakerNumbers[health.breaker]);
      metrics.providerShare.set({ channel, provider }, health.share);
      metrics.providerInFlight.set({ channel, provider }, health.inFlight);
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
};

/** The HTTP accepter and what operators look at. */
export const startHttp = async (dependencies: HttpDependencies): Promise<HttpServer> => {
  const { config, logger } = dependencies;
  const app = Fastify({
    bodyLimit: config.http.bodyLimitBytes,
    forceCloseConnections: "idle",
    requestTimeout: 30_000,
    trustProxy: config.http.trustedProxies.length > 0 ? [...config.http.trustedProxies] : false,
  });
  app.addHook("onSend", maskProblems(maskOf(config)));
  readJsonBodies(app);
  app.removeContentTypeParser("text/plain"); // a form of another site could send it without asking
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? (error instanceof CarillonError && error.retryable ? 503 : 500);
    // a full disk is logged once, and logs may lie on it
    const known = error instanceof CarillonError && error.code === "DISK_FULL";
    if (status >= 500 && !known) logger.error({ err: maskOf(config)(messageOf(error)) }, "a request failed");
    return answerProblem(
      reply,
      status,
      status >= 500 ? "It could not be done now" : "The request is not understood",
      error.message,
      error instanceof BodyRefused ? error.errors : undefined,
    );
  });
  app.setNotFoundHandler((_request, reply) =>
    answerProblem(reply, 404, "There is nothing here", "see POST /v1/messages and GET /v1/messages/ID"),
  );
  const identify = createIdentify(config);
  const live = createLive({
    config,
    cells: dependencies.stores.cells,
    lags: dependencies.lags,
    routing: dependencies.assembly.routing,
    deadLetters: dependencies.deadLetters,
    clock: dependencies.clock,
  });
  messageRoutes(app, dependencies, identify);
  operationRoutes(app, dependencies);
  callbackRoutes(app, dependencies.callbacks, dependencies.metrics);
  endpointRoutes(app, dependencies.assembly.providers.push, identify);
  pageRoutes(app);
  deadLetterRoutes(app, dependencies.deadLetters, identify);
  consoleRoutes(app, { config, topology: dependencies.assembly.topology, live, identify });
  const { inHand, deadlineMs } = config.reports;
  const turns = createTurns({ most: inHand, waitMs: 2 * deadlineMs });
  reportRoutes(app, createReports(config, dependencies.stores.reports, dependencies.clock, turns), identify);
  try {
    await app.listen({ host: config.http.host, port: config.http.port });
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    throw new CarillonError("CONFIG_INVALID", `cannot listen on ${config.http.host}:${config.http.port}: ${messageOf(error)}`, {
      cause: error,
      ...(inUse ? { fix: "stop what listens there, or set CARILLON_PORT" } : {}),
    });
  }
  const address = app.server.address();
  const port = address && typeof address === "object" ? address.port : config.http.port;
  const host = config.http.host.includes(":") ? `[${config.http.host}]` : config.http.host;
  return {
    url: `http://${host}:${port}`,
    stop: async () => {
      live.stop();
      await app.close();
    },
  };
};
