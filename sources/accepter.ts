import { acceptedHeaders } from "../client/accepted-header.js";
import type { CheckedMessage } from "../client/check-message.js";
import { completeMessage } from "../client/complete-message.js";
import type { Config } from "../config/schema.js";
import type { Codecs } from "../engine/runtime/codecs.js";
import { outgoingOf } from "../engine/runtime/outgoing.js";
import type { MessageRequested } from "../schemas/generated.js";
import type { Clock } from "../stores/clock.js";
import type { EventLog } from "../stores/event-log/event-log.js";
import type { DeliveryFamilies } from "../topology/delivery-families.js";
import { namesOf } from "../topology/names.js";

/** Takes checked messages in. */
export interface Accepter {
  /** Resolves with the requests, ids in the order given, once all are durable. `traceparent` and `tracestate`: of what they are sent for (W3C). */
  accept(
    messages: readonly CheckedMessage[],
    tenant: string,
    traceparent?: string,
    tracestate?: string,
  ): Promise<readonly MessageRequested[]>;
}

export const createAccepter = (
  { families, codecs }: { readonly families: Pick<DeliveryFamilies, "requests">; readonly codecs: Codecs },
  config: Config,
  log: Pick<EventLog, "append" | "assertRoom">,
  clock: Clock,
): Accepter => {
  const { topicOf } = namesOf(config);
  return {
    accept: async (messages, tenant, traceparent, tracestate) => {
      log.assertRoom?.();
      const accepted = messages.map((message) => completeMessage(message, tenant, clock.now(), traceparent, tracestate));
      await log.append(
        accepted.map((request) => ({
          ...outgoingOf(families.requests, request, codecs, topicOf),
          headers: acceptedHeaders,
        })),
      );
      return accepted;
    },
  };
};
