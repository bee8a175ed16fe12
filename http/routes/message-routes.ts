import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isTest, type Principal } from "../../access/principal.js";
import type { Finding } from "../../channels/finding.js";
import { inWords } from "../../channels/in-words.js";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import type { Config } from "../../config/schema.js";
import { viewOf, viewOfRequest } from "../../operations/message-view.js";
import { senderRefusal } from "../../processors/sender-policy.js";
import { reasons } from "../../schemas/reasons.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import { createAccepter } from "../../sources/accepter.js";
import { createIdempotency } from "../../sources/idempotency.js";
import { createSandboxCheck } from "../../sources/sandbox-only.js";
import { createBatchIntake } from "../../sources/take-batch.js";
import { channelPolicyOf, limitsOf } from "../../topology/delivery-policy.js";
import { identityOf } from "../access/access.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import type { HttpDependencies } from "../http-dependencies.js";
import { withIdempotencyKey } from "../idempotency-key.js";
import { answerProblem, faultOf } from "../problem.js";
import { createRecentRequests } from "../recent-requests.js";
import { batchRoute } from "./batch-route.js";
import { getMessage, listOutbox, sendMessage } from "./contracts/message-contracts.js";
import { parametersOf } from "./parameters-of.js";

type MessageDependencies = Pick<HttpDependencies, "config" | "stores" | "assembly" | "metrics" | "clock">;

/** Source: W3C Trace Context. */
const traceOf = ({ headers }: FastifyRequest) => [headers.traceparent?.toString(), headers.tracestate?.toString()] as const;

const recentMost = 10_000;

const answerRefused = (reply: FastifyReply, metrics: MessageDependencies["metrics"], errors: readonly Finding[]): FastifyReply => {
  for (const { reason } of errors) metrics.refused.inc({ reason });
  const fields = errors.map(faultOf);
  return answerProblem(reply, 400, undefined, fields);
};

/** An idempotency key belongs to one content. Using it for another is a mistake that no retry fixes. */
const answerConflict = (reply: FastifyReply, metrics: MessageDependencies["metrics"]): FastifyReply => {
  metrics.refused.inc({ reason: "idempotency_conflict" });
  return answerProblem(reply, 409, reasons.idempotency_conflict, [
    { field: "idempotencyKey", problem: "was already used with different content", fix: "send the same content, or use another key" },
  ]);
};

interface Forbidden {
  readonly detail: string;
  readonly finding: Finding;
}

/** Finds out why a message may not be sent although it is valid; undefined if it may. */
const createForbiddance = (config: Config) => {
  const sandboxRefusal = createSandboxCheck(config);
  return (message: CheckedMessage, tenant: string, principal: Principal): Forbidden | undefined => {
    const sender = senderRefusal(message.channel, channelPolicyOf(config, message.channel), tenant, message.from);
    if (sender) return { detail: `the tenant ${tenant} is not allowed to use this sender`, finding: sender };
    const outside = isTest(principal) ? sandboxRefusal(message, tenant) : undefined;
    return outside && { detail: "a test key reaches the sandbox only", finding: outside };
  };
};

const answerForbidden = (reply: FastifyReply, metrics: MessageDependencies["metrics"], { detail, finding }: Forbidden): FastifyReply => {
  const { reason, field, problem, fix } = finding;
  metrics.refused.inc({ reason });
  return answerProblem(reply, 403, detail, [{ field, problem, fix }]);
};

/** Accepts messages, finds them by id, and shows the sandbox's deliveries. */
export const messageRoutes = (app: FastifyInstance, dependencies: MessageDependencies): void => {
  const { config, stores, assembly, metrics, clock } = dependencies;
  const accepter = createAccepter(assembly, "HTTP", stores.log, clock);
  const limits = limitsOf(config);
  const idempotency = createIdempotency(stores.claims, config, clock);
  const forbiddance = createForbiddance(config);
  const recent = createRecentRequests(recentMost);
  batchRoute(app, createBatchIntake({ config, accepter, idempotency, clock }), metrics, recent.note);

  addRoute(app, sendMessage, async (request, reply) => {
    const identity = identityOf(request);
    const keyed = withIdempotencyKey(request.body, request.raw);
    if ("problem" in keyed) {
      metrics.refused.inc({ reason: "invalid_request" });
      return answerProblem(reply, 400, undefined, [{ field: "Idempotency-Key", ...keyed }]);
    }
    const { errors, warnings, message } = checkMessage(keyed.body, limits, clock.now());
    const foreign = message && message.tenant !== null && message.tenant !== identity.tenant && !identity.operator;
    if (foreign)
      return answerProblem(reply, 403, `the key belongs to the tenant ${identity.tenant}`, [
        { field: "tenant", problem: "does not match the tenant of the key", fix: "leave it out" },
      ]);
    if (!message) return answerRefused(reply, metrics, errors);
    const tenant = message.tenant ?? identity.tenant;
    const forbidden = forbiddance(message, tenant, identity.principal);
    if (forbidden) return answerForbidden(reply, metrics, forbidden);
    const [conflict] = await idempotency.conflicts([message], tenant);
    if (conflict) return answerConflict(reply, metrics);
    const accepted = await accepter.accept([message], tenant, ...traceOf(request));
    recent.note(accepted);
    metrics.accepted.inc({ channel: message.channel, lane: message.lane });
    const notes = warnings.map(faultOf);
    return reply.code(202).send({ id: accepted[0]?.id, ...(notes.length > 0 ? { warnings: notes } : {}) });
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
