import Fastify from "fastify";
import { v4 as uuid } from "uuid";
import { rulesOf } from "../channels/rules-of.js";
import { isLoopback } from "../config/access-checks.js";
import { maskOf } from "../config/secrets.js";
import { createReports } from "../reports/reports.js";
import { createTurns } from "../reports/turns.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { channels } from "../schemas/vocabulary.js";
import { guardRoutes } from "./access/access.js";
import { createFailedAttempts } from "./access/failed-attempts.js";
import { createAuthenticate, createKeyTrial, createRecognize } from "./access/identity.js";
import { createSessions } from "./access/sessions.js";
import { createLive } from "./console/live.js";
import { pageRoutes } from "./console/page-files.js";
import { answerFailures, answerFrameworkError } from "./failures.js";
import type { HttpDependencies } from "./http-dependencies.js";
import { readJsonBodies } from "./json-body.js";
import { maskProblems } from "./problem.js";
import { callbackRoutes } from "./routes/callback-routes.js";
import { consoleRoutes } from "./routes/console-routes.js";
import { deadLetterRoutes } from "./routes/dead-letter-routes.js";
import { endpointRoutes } from "./routes/endpoint-routes.js";
import { linkReference, messageReferenceRoute } from "./routes/message-reference.js";
import { messageRoutes } from "./routes/message-routes.js";
import { operationRoutes } from "./routes/operation-routes.js";
import { reportRoutes } from "./routes/report-routes.js";
import { addSafeHeaders } from "./safe-headers.js";
import { answerUnparsed, refuseExpectations } from "./unparsed-requests.js";

export interface HttpServer {
  readonly url: string;
  /** Answers what is in hand, then closes. */
  stop(): Promise<void>;
}

const addressesMost = 10_000;

const accessOf = ({ config, stores, metrics, clock }: HttpDependencies) => {
  const keys = config.http.apiKeys;
  const now = () => clock.now();
  const attempts = createFailedAttempts({ perMinute: config.http.failedAuthenticationsPerMinute, most: addressesMost, now });
  const sessions = createSessions(stores.cells, keys, now);
  const tryKey = createKeyTrial({ keys, attempts, metrics });
  const recognize = createRecognize(keys, sessions);
  return { attempts, sessions, tryKey, recognize, authenticate: createAuthenticate(tryKey, recognize, metrics) };
};

/** The HTTP accepter and what operators look at. */
export const startHttp = async (dependencies: HttpDependencies): Promise<HttpServer> => {
  const { config, logger } = dependencies;
  const app = Fastify({
    bodyLimit: config.http.bodyLimitBytes,
    forceCloseConnections: "idle",
    requestTimeout: 30_000,
    genReqId: () => uuid(),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerUnparsed,
    // Node would answer without our headers: addSafeHeaders refuses a request without Host
    http: { requireHostHeader: false },
    trustProxy: config.http.trustedProxies.length > 0 ? [...config.http.trustedProxies] : false,
  });
  refuseExpectations(app.server);
  app.addHook("preSerialization", linkReference);
  app.addHook("onSend", maskProblems(maskOf(config)));
  readJsonBodies(app);
  app.removeContentTypeParser("text/plain"); // a form of another site could send it without a preflight
  answerFailures(app, logger, maskOf(config));
  addSafeHeaders(app);
  const access = accessOf(dependencies);
  guardRoutes(app, { authenticate: access.authenticate, onLoopback: isLoopback(config.http.host) });
  const live = createLive({
    config,
    cells: dependencies.stores.cells,
    lags: dependencies.lags,
    routing: dependencies.assembly.routing,
    deadLetters: dependencies.deadLetters,
    clock: dependencies.clock,
  });
  messageRoutes(app, dependencies);
  operationRoutes(app, dependencies);
  callbackRoutes(app, dependencies.callbacks, dependencies.metrics, access.attempts);
  for (const channel of channels) if (rulesOf(channel).hasEndpoints) endpointRoutes(app, channel, dependencies.assembly.providers[channel]);
  pageRoutes(app);
  messageReferenceRoute(app);
  deadLetterRoutes(app, dependencies.deadLetters);
  consoleRoutes(app, { config, graphs: dependencies.assembly.graphs, live, ...access });
  const { inHand, deadlineMs } = config.reports;
  const turns = createTurns({ most: inHand, waitMs: 2 * deadlineMs, now: () => dependencies.clock.now() });
  reportRoutes(app, createReports(config, dependencies.stores.reports, dependencies.clock, turns));
  try {
    await app.listen({ host: config.http.host, port: config.http.port });
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    throw new CarillonError("CANNOT_LISTEN", `cannot listen on ${config.http.host}:${config.http.port}: ${messageOf(error)}`, {
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
