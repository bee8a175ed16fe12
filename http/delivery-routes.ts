import { maskOf } from "../config/secrets.js";
import { createReports } from "../reports/reports.js";
import { createTurns } from "../reports/turns.js";
import { createLive } from "./console/live.js";
import { pageRoutes } from "./console/page-files.js";
import type { HttpDependencies } from "./http-dependencies.js";
import { callbackRoutes } from "./routes/callback-routes.js";
import { collectionRoutes } from "./routes/collection-routes.js";
import { consoleRoutes } from "./routes/console-routes.js";
import { endpointChannels } from "./routes/contracts/endpoint-contracts.js";
import { deadLetterRoutes } from "./routes/dead-letter-routes.js";
import { endpointRoutes } from "./routes/endpoint-routes.js";
import { erasureRoutes } from "./routes/erasure-routes.js";
import { lineageRoutes } from "./routes/lineage-routes.js";
import { messageReferenceRoute } from "./routes/message-reference.js";
import { messageRoutes } from "./routes/message-routes.js";
import { oidcRoutes } from "./routes/oidc-routes.js";
import { operationRoutes } from "./routes/operation-routes.js";
import { providerRoutes } from "./routes/provider-routes.js";
import { queueRoutes } from "./routes/queue-routes.js";
import { reportRoutes } from "./routes/report-routes.js";
import { webhookRoutes } from "./routes/webhook-routes.js";
import type { AddRoutes } from "./server.js";
import { createLongWork } from "./work/long-work.js";
import { createWorkRecorder } from "./work/record-work.js";

/** The routes for accepting messages over HTTP and for operators. */
export const deliveryRoutes =
  (dependencies: HttpDependencies): AddRoutes =>
  (app, access) => {
    const { config } = dependencies;
    const live = createLive({
      config,
      cells: dependencies.stores.cells,
      lags: dependencies.lags,
      routing: dependencies.assembly.routing,
      deadLetters: dependencies.deadLetters,
      clock: dependencies.clock,
    });
    messageRoutes(app, { ...dependencies, limits: access.limits, sendersOf: access.sendersOf, defaultsOf: access.defaultsOf });
    operationRoutes(app, dependencies);
    callbackRoutes(app, dependencies.callbacks, dependencies.metrics, access.attempts);
    for (const channel of endpointChannels) endpointRoutes(app, channel, dependencies.assembly.providers[channel]);
    pageRoutes(app);
    messageReferenceRoute(app);
    const { logger, clock } = dependencies;
    const answerWork = createLongWork(app, {
      ...{ logger, clock, mask: maskOf(config) },
      record: createWorkRecorder({ stores: dependencies.stores, logger, clock, mask: maskOf(config) }),
    });
    deadLetterRoutes(app, dependencies.deadLetters, answerWork);
    queueRoutes(app, dependencies, answerWork);
    providerRoutes(app, dependencies, answerWork);
    webhookRoutes(app, dependencies, answerWork);
    erasureRoutes(app, dependencies, answerWork);
    lineageRoutes(app, dependencies, answerWork);
    consoleRoutes(app, { config, graphs: dependencies.assembly.graphs, live, ...access });
    oidcRoutes(app, { ...dependencies, ...access });
    const { inFlight, deadlineMs } = config.reports;
    const turns = createTurns({ most: inFlight, waitMs: 2 * deadlineMs, now: () => dependencies.clock.now() });
    const reports = createReports(config, dependencies.stores.reports, dependencies.clock, turns);
    reportRoutes(app, reports);
    collectionRoutes(app, reports);
    return live.stop;
  };
