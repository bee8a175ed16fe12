import type { AddressedMessage } from "../client/complete-message.js";
import type { Condition } from "../client/recipient-input.js";
import type { FallbackEvent, MessageRequested } from "../schemas/generated.js";

/** A message with its id. */
export type IdentifiedMessage = AddressedMessage & { readonly id: string };

/** A step that is sent unless a message of an earlier step came far enough in time. */
export interface LaterStep {
  readonly unless: Condition;
  readonly afterMs: number;
  readonly messages: readonly IdentifiedMessage[];
}

/** The steps after the messages that are sent at once. */
export interface FallbackPlan {
  readonly recipientId: string;
  readonly user: string;
  /** When the first step is due. */
  readonly startsAtMs: number;
  /** When the last step is due at the latest. */
  readonly untilMs: number;
  readonly firstIds: readonly string[];
  /** At least one. */
  readonly later: readonly LaterStep[];
}

/** The record of a plan. `complete`: completes a message into its request. */
export const plannedEvent = (
  { recipientId, user, startsAtMs, untilMs, firstIds, later }: FallbackPlan,
  tenant: string,
  complete: (message: AddressedMessage) => MessageRequested,
): FallbackEvent => ({
  recipientId,
  tenant,
  kind: "planned",
  step: 1,
  messageId: null,
  reached: null,
  at: startsAtMs,
  untilMs,
  user,
  steps: [
    { unless: null, afterMs: 0, messageIds: firstIds, requests: [] },
    ...later.map(({ unless, afterMs, messages }) => ({
      unless,
      afterMs,
      messageIds: messages.map(({ id }) => id),
      requests: messages.map(complete),
    })),
  ],
});
