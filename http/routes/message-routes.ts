import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { inWords } from "../../channels/in-words.js";
import { viewOf, viewOfRequest } from "../../operations/message-view.js";
import { reasons } from "../../schemas/reasons.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import { createAccepter } from "../../sources/accepter.js";
import { createIdempotency } from "../../sources/idempotency.js";
import { invalid, type RefusalCause, type Refused } from "../../sources/sending/refused.js";
import { createSending } from "../../sources/sending/sending.js";
import { identityOf } from "../access/access.js";
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

type MessageDependencies = Pick<HttpDependencies, "config" | "stores" | "assembly" | "metrics" | "clock">;

/** Source: W3C Trace Context. */
const traceOf = ({ headers }: FastifyRequest) => ({
  traceparent: headers.traceparent?.toString(),
  tracestate: headers.tracestate?.toString(),
});

const recentMost = 10_000;

const statusOf: Readonly<Record<RefusalCause, number>> = { invalid: 400, forbidden: 403, conflict: 409 };

const answerRefused = (reply: FastifyReply, { cause, detail, errors }: Refused): FastifyReply =>
  answerProblem(reply, statusOf[cause], cause === "conflict" ? reasons.idempotency_conflict : detail, errors.map(faultOf));

/** Accepts messages, finds them by id, and shows the sandbox's deliveries. */
export const messageRoutes = (app: FastifyInstance, dependencies: MessageDependencies): void => {
  const { config, stores, assembly, metrics, clock } = dependencies;
  const accepter = createAccepter(assembly, "HTTP", stores.log, clock);
  const idempotency = createIdempotency(stores.claims, config, clock);
  const recent = createRecentRequests(recentMost);
  const take = createTakeCounted(createSending({ config, accepter, idempotency, clock }), metrics, recent);
  batchRoute(app, take);

  addRoute(app, sendMessage, async (request, reply) => {
    const keyed = withIdempotencyKey(request.body, request.raw);
    if ("problem" in keyed) {
      metrics.refused.inc({ reason: "invalid_request" });
      return answerProblem(reply, 400, undefined, [{ field: "Idempotency-Key", ...keyed }]);
    }
    const [taken = invalid([])] = await take([keyed.body], request, traceOf(request));
    if ("cause" in taken) return answerRefused(reply, taken);
    const notes = taken.warnings.map(faultOf);
    return reply.code(202).send({ id: taken.request.id, ...(notes.length > 0 ? { warnings: notes } : {}) });
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
