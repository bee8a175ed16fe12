import type { FastifyInstance } from "fastify";
import { unreadyReasons } from "../../operations/readiness/readiness.js";
import { runHeader } from "../../wire/run-header.js";
import { addRoute } from "../contract/route-contract.js";
import { publicWordsOf } from "../failures.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { answerProblem } from "../problem.js";
import { getHealth, getMetrics, getReadiness } from "./contracts/operation-contracts.js";

const breakerNumbers = { closed: 0, half_open: 1, open: 2 } as const;

/** The process's liveness, readiness and metrics. */
export const operationRoutes = (
  app: FastifyInstance,
  { metrics, assembly, readiness, scrape, run }: Pick<HttpDependencies, "metrics" | "assembly" | "readiness" | "scrape" | "run">,
): void => {
  addRoute(app, getHealth, async (_request, reply) => {
    reply.header(runHeader, run);
    return { status: "ok" };
  });
  addRoute(app, getReadiness, async (request, reply) => {
    const reasons = await unreadyReasons(readiness);
    if (reasons.length === 0) return { status: "ready" };
    request.failure = reasons.length === 1 ? reasons[0]?.error : new AggregateError(reasons.map(({ error }) => error));
    return answerProblem(reply, 503, reasons.map(({ name, error }) => `${name}: ${publicWordsOf(error)}`).join("; "));
  });
  addRoute(app, getMetrics, async (_request, reply) => {
    for (const { channel, provider, health } of assembly.routing.health()) {
      metrics.providerBreaker.set({ channel, provider }, breakerNumbers[health.breaker]);
      metrics.effectiveWeight.set({ channel, provider }, health.share);
      metrics.providerInFlight.set({ channel, provider }, health.inFlight);
    }
    return reply.type(metrics.registry.contentType).send(await scrape());
  });
};
