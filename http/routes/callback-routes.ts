import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Metrics } from "../../operations/telemetry/metrics.js";
import { scopedName } from "../../sinks/own/scoped-name.js";
import type { CallbackRequest } from "../../sinks/providers/definition.js";
import { callbackRequestOf } from "../../sources/callbacks/callback-request.js";
import type { CallbackAnswer, Callbacks } from "../../sources/callbacks/callbacks.js";
import { answerTooManyFailures } from "../access/answer-limited.js";
import type { FailedAttempts } from "../access/failed-attempts.js";
import { addRoute } from "../contract/route-contract.js";
import { answerProblem } from "../problem.js";
import { getCallback, getOwnCallback, postCallback, postOwnCallback } from "./contracts/callback-contracts.js";

/** Larger than any provider's documented callback. Unreadable callbacks become dead letters, whose size is limited. */
const bodyLimit = 262_144;

/** Source: RFC 9110, 8.3.1. */
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/** The URL as the provider called it. If a proxy's headers make it invalid, only the path is used. */
const urlOf = ({ protocol, host, url }: FastifyRequest): string => {
  const whole = `${protocol}://${host}${url}`;
  return URL.canParse(whole) ? whole : new URL(url, "http://localhost").href;
};

const callbackOf = (request: FastifyRequest): CallbackRequest =>
  callbackRequestOf({
    method: request.method,
    url: urlOf(request),
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  });

/** `tenant`: for the tenant's own provider. */
type CallbackCall = FastifyRequest<{ Params: { provider: string; tenant?: string } }>;

const nameOf = ({ provider, tenant }: CallbackCall["params"]): string => (tenant === undefined ? provider : scopedName(tenant, provider));

/** Names that are not configured must not fill the metrics registry. */
const labelOf = ({ provider, tenant }: CallbackCall["params"], callbacks: Callbacks, status: number): string => {
  if (tenant !== undefined) return status === 404 ? "unknown" : "own";
  return callbacks.knows(provider) ? provider : "unknown";
};

/** The callbacks for providers' receipts in any format. Answers 2xx only once the log has stored them. */
export const callbackRoutes = (
  app: FastifyInstance,
  callbacks: Callbacks,
  metrics: Pick<Metrics, "callbacks" | "authenticationFailures">,
  attempts: FailedAttempts,
): void => {
  const take = async (request: CallbackCall): Promise<CallbackAnswer> => {
    const provider = nameOf(request.params);
    const credential = `callback of ${provider}`;
    const waitSeconds = attempts.waitSeconds(request.ip, credential);
    if (waitSeconds > 0) {
      metrics.authenticationFailures.inc({ kind: "callback", result: "limited" });
      return { status: 429, detail: "too many failed authentication attempts from this address", waitSeconds };
    }
    const answer = await callbacks.take(provider, callbackOf(request), request.ip);
    if (answer.status === 401) {
      attempts.failed(request.ip);
      metrics.authenticationFailures.inc({ kind: "callback", result: "refused" });
    } else if (answer.status !== 404) attempts.succeeded(request.ip, credential);
    return answer;
  };
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addHook("onRequest", async ({ raw }) => {
      // Fastify would refuse an invalid media type and lose the receipt, but the body's format is detected from its content
      const type = raw.headers["content-type"];
      if (type !== undefined && !mediaType.test(type)) raw.headers["content-type"] = "application/octet-stream";
    });
    scope.addHook("onResponse", async (request, reply) => {
      const provider = labelOf(request.params as CallbackCall["params"], callbacks, reply.statusCode);
      metrics.callbacks.inc({ provider, status: String(reply.statusCode) });
    });
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    const answer = async (request: CallbackCall, reply: FastifyReply): Promise<FastifyReply> => {
      const taken = await take(request);
      if (taken.status === 204) return reply.code(204).send();
      if (taken.status === 429) return answerTooManyFailures(reply, { waitSeconds: taken.waitSeconds, perMinute: attempts.perMinute });
      return answerProblem(reply, taken.status, taken.detail);
    };
    addRoute(scope, getCallback, answer, { bodyLimit });
    addRoute(scope, postCallback, answer, { bodyLimit });
    addRoute(scope, getOwnCallback, answer, { bodyLimit });
    addRoute(scope, postOwnCallback, answer, { bodyLimit });
  });
};
