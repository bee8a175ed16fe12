import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../stores/clock.js";
import { startDeadline } from "../stores/start-deadline.js";
import { answerUnparsed } from "./unparsed-requests.js";

/** How long a body may take to arrive. */
const bodyMs = 30_000;

const late = Object.assign(new Error("the body did not arrive in time"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });

/** Answers 408 when a body has not arrived in time, and closes the connection. Routes for uploaded lists bound each pause instead. */
export const limitBodies = (app: FastifyInstance, clock: Pick<Clock, "elapsed" | "after" | "stalls">): void => {
  app.addHook("preParsing", async (request) => {
    const { raw, routeOptions } = request as { raw: IncomingMessage; routeOptions: typeof request.routeOptions };
    if (raw.complete || routeOptions.config.contract?.list !== undefined) return;
    const cancel = startDeadline(bodyMs, clock, () => answerUnparsed(late, raw.socket));
    for (const event of ["end", "close"]) raw.once(event, cancel);
  });
};
