import { acceptedHeaders } from "../client/accepted-header.js";
import { type AddressedMessage, completeMessage } from "../client/complete-message.js";
import type { MessageRequested } from "../schemas/generated.js";
import type { Clock } from "../stores/clock.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import type { DeliveryFamilies } from "../topology/delivery-families.js";
import type { DeliveryWriters } from "../topology/delivery-writers.js";
import { type FallbackPlan, plannedEvent } from "./fallback-plan.js";

/** Accepts checked messages. */
export interface Accepter {
  /**
   * Resolves with the requests, with their ids in the order given, once all are durable. `traceparent` and `tracestate` are those of the
   * sender's work (W3C). `plans`: the steps that may follow the messages, appended together with them.
   */
  accept(
    messages: readonly AddressedMessage[],
    tenant: string,
    traceparent?: string,
    tracestate?: string,
    plans?: readonly FallbackPlan[],
  ): Promise<readonly MessageRequested[]>;
}

/** Writes as the given writer of the graph, for any origin of messages. */
export const createAccepter = (
  { families, writers }: { readonly families: Pick<DeliveryFamilies, "requests" | "fallbacks">; readonly writers: DeliveryWriters },
  from: "HTTP" | "command line" | "daily report",
  log: Pick<EventLog, "assertRoom">,
  clock: Pick<Clock, "now">,
): Accepter => {
  const writer = writers(from);
  const requests = writer.to(families.requests);
  return {
    accept: async (messages, tenant, traceparent, tracestate, plans = []) => {
      log.assertRoom?.();
      const complete = (message: AddressedMessage): MessageRequested =>
        completeMessage(message, tenant, clock.now(), traceparent, tracestate);
      const accepted = messages.map(complete);
      await writer.append([
        ...accepted.map((request) => ({ ...requests.record(request), headers: acceptedHeaders })),
        ...plans.map((plan) => writer.to(families.fallbacks).record(plannedEvent(plan, tenant, complete))),
      ]);
      return accepted;
    },
  };
};
