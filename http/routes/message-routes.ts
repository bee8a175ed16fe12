import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { inWords } from "../../channels/in-words.js";
import { viewOf, viewOfRequest } from "../../operations/message-view.js";
import { reasons } from "../../schemas/reasons.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import { createAccepter } from "../../sources/accepter.js";
import type { DefaultsOf } from "../../sources/sending/choose-addresses.js";
import type { SendersOf } from "../../sources/sending/message-rules.js";
import { invalid, type RefusalCause, type Refused } from "../../sources/sending/refused.js";
import { createSending } from "../../sources/sending/sending.js";
import type { MessageLimits } from "../../sources/sending/within-limits.js";
import { acceptedBody } from "../accepted-body.js";
import { identityOf } from "../access/access.js";
import { answerLimited } from "../access/answer-limited.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { withIdempotencyKey } from "../idempotency-key.js";
import { answerProblem, faultOf } from "../problem.js";
import { createRecentRequests } from "../recent-requests.js";
import { createTakeCounted } from "../take-counted.js";
import { batchRoute } from "./batch-route.js";
import { getMessage, listOutbox, sendMessage } from "./contracts/message-contracts.js";
import { parametersOf } from "./parameters-of.js";

type MessageDependencies = Pick<HttpDependencies, "config" | "stores" | "assembly" | "metrics" | "clock" | "urge"> & {
  readonly limits: MessageLimits;
  readonly sendersOf: SendersOf;
  readonly defaultsOf: DefaultsOf;
};

/** Source: W3C Trace Context. */
const traceOf = ({ headers }: FastifyRequest) => ({
  traceparent: headers.traceparent?.toString(),
  tracestate: headers.tracestate?.toString(),
});

const recentMost = 10_000;

const statusOf: Readonly<Record<RefusalCause, number>> = {
  invalid: 400,
  forbidden: 403,
  unknown: 404,
  conflict: 409,
  in_flight: 409,
  unreachable: 422,
  limited: 429,
};

const answerRefused = (reply: FastifyReply, { cause, detail, retryAfterMs, exceeded, errors }: Refused): FastifyReply => {
  const faults = errors.map(faultOf);
  if (exceeded) return answerLimited(reply, exceeded, detail ?? "", faults);
  if (retryAfterMs !== undefined) reply.header("retry-after", String(Math.max(Math.ceil(retryAfterMs / 1_000), 1)));
  const words = cause === "conflict" ? reasons.idempotency_conflict : detail;
  return answerProblem(reply, statusOf[cause], words, faults, cause === "in_flight" ? "BUSY" : undefined);
};

/** Accepts messages, finds them by id, and shows the sandbox's deliveries. */
export const messageRoutes = (app: FastifyInstance, dependencies: MessageDependencies): void => {
  const { config, stores, assembly, metrics, limits, sendersOf, defaultsOf, clock, urge } = dependencies;
  const accepter = createAccepter(assembly, "HTTP", stores.log, clock);
  const recent = createRecentRequests(recentMost);
  const sending = createSending({ config, ownCatalog: assembly.ownCatalog, accepter, stores, limits, sendersOf, defaultsOf, clock });
  const take = createTakeCounted({ sending, tenants: stores.tenants, metrics, recent, urge });
  batchRoute(app, take);

  addRoute(app, sendMessage, async (request, reply) => {
    const keyed = withIdempotencyKey(request.body, request.raw);
    if ("problem" in keyed) {
      metrics.refused.inc({ reason: "invalid_request" });
      return answerProblem(reply, 400, undefined, [{ field: "Idempotency-Key", ...keyed }]);
    }
    const [taken = invalid([])] = await take([keyed.body], request, traceOf(request));
    return "cause" in taken ? answerRefused(reply, taken) : reply.code(202).send(acceptedBody(taken));
  });

  addRoute(app, getMessage, async (request, reply) => {
    const identity = identityOf(request);
    const { id } = request.params;
    const stored = await stores.lineage.find(id);
    const fresh = stored ? undefined : recent.find(id);
    const view = stored ? viewOf(stored) : fresh && viewOfRequest(fresh, config.instance);
    if (!view || (view.tenant !== identity.tenant && !identity.operator)) {
      return answerProblem(reply, 404, `no message has the id ${id}`);
    }
    return reply.send(view);
  });

  addRoute(app, listOutbox, async (request, reply) => {
    const { tenant, operator } = identityOf(request);
    const { channel } = request.params;
    if (!isChannel(channel)) return answerProblem(reply, 404, `unknown channel: use ${inWords(channels)}`);
    const given = parametersOf(listOutbox.query, request.query, reply);
    return given ? reply.send(listOf(await assembly.outbox.latest(channel, given.limit, operator ? undefined : tenant))) : reply;
  });
};
