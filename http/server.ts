import { randomUUID } from "node:crypto";
import { type FastifyInstance, fastify } from "fastify";
import { configuredKeysOf, loopbackPrincipalOf } from "../access/configured-tenants.js";
import type { TenantLimits } from "../access/limits/tenant-limits.js";
import type { RunningAccess } from "../access/running-access.js";
import type { TenantSenders } from "../access/tenant-rules.js";
import { isLoopback } from "../config/loopback.js";
import { maskOf } from "../config/secrets.js";
import type { ProcessMetrics } from "../operations/telemetry/process-metrics.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import type { DefaultsOf } from "../sources/sending/choose-addresses.js";
import { guardRoutes } from "./access/access.js";
import { createFailedAttempts, type FailedAttempts } from "./access/failed-attempts.js";
import { type Authenticate, createAuthenticate, createKeyTrial, createRecognize, type TryKey } from "./access/identity.js";
import { createSessions, type OwnKey, type Sessions } from "./access/sessions.js";
import { limitBodies } from "./body-deadline.js";
import { collectContracts, openApiRoute } from "./contract/openapi-route.js";
import { answerFailures, answerFrameworkError } from "./failures.js";
import type { HttpDependencies } from "./http-dependencies.js";
import { readJsonBodies } from "./json-body.js";
import { maskProblems } from "./problem.js";
import { directoryRoutes } from "./routes/directory-routes.js";
import { linkReference } from "./routes/message-reference.js";
import { tenantRoutes } from "./routes/tenant-routes.js";
import { addSafeHeaders } from "./safe-headers.js";
import { answerUnparsed, refuseExpectations } from "./unparsed-requests.js";

export interface HttpServer {
  readonly url: string;
  /** Answers requests in flight, then closes. */
  stop(): Promise<void>;
}

/** The server's own dependencies. */
export type HttpShell = Pick<HttpDependencies, "config" | "stores" | "clock" | "logger"> & {
  readonly metrics: ProcessMetrics;
  readonly access: RunningAccess;
};

/** Identifies callers, for routes that sign in and out or authenticate callers themselves. */
export interface HttpAccess {
  readonly attempts: FailedAttempts;
  readonly sessions: Sessions;
  readonly tryKey: TryKey;
  readonly recognize: ReturnType<typeof createRecognize>;
  readonly authenticate: Authenticate;
  readonly limits: TenantLimits;
  /** The senders in the settings of a tenant. */
  readonly sendersOf: (tenant: string) => TenantSenders;
  readonly defaultsOf: DefaultsOf;
}

/** Adds routes to the server. Returns a function to call when the server stops, if needed. */
export type AddRoutes = (app: FastifyInstance, access: HttpAccess) => (() => void) | undefined;

const addressesMost = 10_000;
/** How long the headers of a request may take to arrive, and its body. */
const requestMs = 30_000;

const accessOf = ({ config, stores, metrics, clock, access }: HttpShell): HttpAccess => {
  const { checkKey, checkToken, checkStoredKey, limits, tenants } = access;
  const principals = configuredKeysOf(config);
  const own: OwnKey[] = principals.flatMap(({ principal }, index) => {
    const key = config.http.apiKeys[index]?.key;
    return key === undefined ? [] : [{ key, principal }];
  });
  const now = () => clock.now();
  const attempts = createFailedAttempts({ perMinute: config.http.failedAuthenticationsPerMinute, most: addressesMost, now });
  const sessions = createSessions({ cells: stores.cells, own, checkStoredKey, oidc: config.http.oidc, now });
  const tryKey = createKeyTrial({ checkKey, attempts, metrics });
  const recognize = createRecognize(loopbackPrincipalOf(config), sessions);
  const settingsOf = (tenant: string) => tenants.latest().tenants.get(tenant)?.settings;
  const sendersOf = (tenant: string): TenantSenders => settingsOf(tenant)?.senders ?? {};
  const defaultsOf: DefaultsOf = (tenant) => settingsOf(tenant) ?? {};
  return {
    attempts,
    sessions,
    sendersOf,
    defaultsOf,
    tryKey,
    recognize,
    limits,
    authenticate: createAuthenticate({ tryKey, checkToken, recognize, metrics }),
  };
};

/** Serves the routes of all subsystems. Each route declares its access level. */
export const startHttp = async (dependencies: HttpShell, routes: readonly AddRoutes[]): Promise<HttpServer> => {
  const { config, logger } = dependencies;
  const app = fastify({
    bodyLimit: config.http.bodyLimitBytes,
    forceCloseConnections: "idle",
    requestTimeout: 0, // limitBodies bounds bodies, because uploaded lists may take longer
    routerOptions: { maxParamLength: 1_024 }, // an encoded id of 256 bytes has up to 768 characters
    genReqId: () => randomUUID(),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerUnparsed,
    // Node.js would answer without Carillon's headers; addSafeHeaders refuses a request without Host
    http: { requireHostHeader: false },
    trustProxy: config.http.trustedProxies.length > 0 ? [...config.http.trustedProxies] : false,
  });
  refuseExpectations(app.server);
  app.addHook("preSerialization", linkReference);
  app.addHook("onSend", maskProblems(maskOf(config)));
  app.server.headersTimeout = requestMs;
  limitBodies(app, dependencies.clock);
  readJsonBodies(app);
  app.removeContentTypeParser("text/plain"); // another site's form could send it without a preflight
  answerFailures(app, logger, maskOf(config));
  addSafeHeaders(app);
  const contracts = collectContracts(app);
  const access = accessOf(dependencies);
  guardRoutes(app, {
    authenticate: access.authenticate,
    onLoopback: isLoopback(config.http.host),
    limits: access.limits,
    onLimited: () => dependencies.metrics.requestsLimited.inc(),
  });
  openApiRoute(app, contracts);
  tenantRoutes(app, dependencies);
  directoryRoutes(app, dependencies);
  const ends = routes.flatMap((add) => add(app, access) ?? []);
  try {
    await app.listen({ host: config.http.host, port: config.http.port });
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    throw new CarillonError("CANNOT_LISTEN", `cannot listen on ${config.http.host}:${config.http.port}: ${messageOf(error)}`, {
      cause: error,
      ...(inUse ? { fix: "stop the process that uses this port, or set CARILLON_PORT" } : {}),
    });
  }
  const address = app.server.address();
  const port = address && typeof address === "object" ? address.port : config.http.port;
  const host = config.http.host.includes(":") ? `[${config.http.host}]` : config.http.host;
  return {
    url: `http://${host}:${port}`,
    stop: async () => {
      for (const end of ends) end();
      await app.close();
    },
  };
};
