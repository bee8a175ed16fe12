import type { FastifyRequest } from "fastify";
import { isTest } from "../access/principal.js";
import type { Finding } from "../channels/finding.js";
import { defaultLane } from "../schemas/vocabulary.js";
import { invalid } from "../sources/sending/refused.js";
import type { Sending, Taken } from "../sources/sending/sending.js";
import type { Tenants } from "../stores/tenants/tenants.js";
import { identityOf } from "./access/access.js";
import type { HttpDependencies } from "./http-dependencies.js";
import { unfitTenants } from "./named-tenants.js";
import type { RecentRequests } from "./recent-requests.js";

/** Accepts the messages of a request for its caller. Results are in the order given. */
export type TakeCounted = (
  inputs: readonly unknown[],
  request: FastifyRequest,
  trace?: { readonly traceparent: string | undefined; readonly tracestate: string | undefined },
) => Promise<readonly Taken[]>;

export interface TakeDependencies extends Pick<HttpDependencies, "urge"> {
  readonly sending: Sending;
  readonly tenants: Pick<Tenants, "get">;
  readonly metrics: Pick<HttpDependencies["metrics"], "accepted" | "refused">;
  readonly recent: RecentRequests;
}

/** The results of all inputs: refusals in their places, and between them the results of the others. */
const inTheirPlaces = (count: number, unfit: readonly (Finding | undefined)[], results: readonly Taken[]): readonly Taken[] => {
  const others = results.values();
  return Array.from({ length: count }, (_, index): Taken => {
    const problem = unfit[index];
    return problem ? invalid([problem]) : (others.next().value ?? invalid([]));
  });
};

const count = (taken: readonly Taken[], metrics: TakeDependencies["metrics"]): void => {
  for (const one of taken) {
    if ("cause" in one) for (const { reason } of one.errors) metrics.refused.inc({ reason });
    else for (const { channel, lane } of one.requests) metrics.accepted.inc({ channel, lane: lane ?? defaultLane });
  }
};

/** Counts accepted and refused messages, and keeps accepted ones for queries before their lineage is stored. */
export const createTakeCounted =
  ({ sending, tenants, metrics, recent, urge }: TakeDependencies): TakeCounted =>
  async (inputs, request, trace) => {
    urge();
    const { tenant, operator: isOperator, principal } = identityOf(request);
    const unfit = isOperator ? await unfitTenants(inputs, principal, tenants) : [];
    const fit = inputs.filter((_, index) => !unfit[index]);
    const taken = inTheirPlaces(inputs.length, unfit, await sending.take(fit, { tenant, isOperator, isTest: isTest(principal), ...trace }));
    count(taken, metrics);
    recent.note(taken.flatMap((one) => ("cause" in one ? [] : one.requests)));
    return taken;
  };
