import type { FastifyRequest } from "fastify";
import { isTest } from "../access/principal.js";
import { defaultLane } from "../schemas/vocabulary.js";
import type { Sending, Taken } from "../sources/sending/sending.js";
import { identityOf } from "./access/access.js";
import type { HttpDependencies } from "./http-dependencies.js";
import type { RecentRequests } from "./recent-requests.js";

/** Accepts the messages of a request for its caller. Results are in the order given. */
export type TakeCounted = (
  inputs: readonly unknown[],
  request: FastifyRequest,
  trace?: { readonly traceparent: string | undefined; readonly tracestate: string | undefined },
) => Promise<readonly Taken[]>;

export interface TakeDependencies extends Pick<HttpDependencies, "urge"> {
  readonly sending: Sending;
  readonly metrics: Pick<HttpDependencies["metrics"], "accepted" | "refused">;
  readonly recent: RecentRequests;
}

/** Counts accepted and refused messages, and keeps accepted ones for queries before their lineage is stored. */
export const createTakeCounted =
  ({ sending, metrics, recent, urge }: TakeDependencies): TakeCounted =>
  async (inputs, request, trace) => {
    urge();
    const { tenant, operator: isOperator, principal } = identityOf(request);
    const taken = await sending.take(inputs, { tenant, isOperator, isTest: isTest(principal), ...trace });
    for (const one of taken) {
      if ("cause" in one) for (const { reason } of one.errors) metrics.refused.inc({ reason });
      else for (const { channel, lane } of one.requests) metrics.accepted.inc({ channel, lane: lane ?? defaultLane });
    }
    recent.note(taken.flatMap((one) => ("cause" in one ? [] : one.requests)));
    return taken;
  };
