import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Metrics } from "../../service/metrics.js";
import type { CallbackRequest } from "../../sinks/providers/definition.js";
import { callbackRequestOf } from "../callbacks/callback-request.js";
import type { Callbacks } from "../callbacks/callbacks.js";
import { answerProblem } from "./problem.js";

/** More than any provider's documented callback; what cannot be read is kept in dead-letters, whose records are bounded. */
const bodyLimit = 262_144;

const callbackOf = (request: FastifyRequest): CallbackRequest =>
  callbackRequestOf({
    method: request.method,
    url: `${request.protocol}://${request.host}${request.url}`,
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  });

/** Where providers report, in whichever form: answered with 2xx only once the log has what they said. */
export const callbackRoutes = (app: FastifyInstance, callbacks: Callbacks, metrics: Pick<Metrics, "callbacks">): void => {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.route<{ Params: { provider: string } }>({
      method: ["GET", "POST"],
      url: "/v1/callbacks/:provider",
      bodyLimit,
      handler: async (request, reply) => {
        const answer = await callbacks.take(request.params.provider, callbackOf(request), request.ip);
        // names that nobody configured are not to fill the registry
        const provider = answer.status === 404 ? "unknown" : request.params.provider;
        metrics.callbacks.inc({ provider, status: String(answer.status) });
        if (answer.status === 204) return reply.code(204).send();
        return answerProblem(reply, answer.status, answer.title, answer.detail);
      },
    });
  });
};
