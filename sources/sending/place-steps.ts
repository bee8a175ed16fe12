import type { CheckedMessage } from "../../client/check-message.js";
import { conditions } from "../../client/recipient-input.js";
import type { FallbackPlace } from "../../schemas/generated.js";
import type { FallbackPlan, IdentifiedMessage, LaterStep } from "../fallback-plan.js";
import type { Chosen } from "./choose-addresses.js";
import { invalid, type Refused } from "./refused.js";
import type { UserMessage } from "./user-message.js";

/** The messages to send at once, and the steps after them, if any. */
export interface PlacedSteps {
  readonly messages: readonly IdentifiedMessage[];
  readonly plan: FallbackPlan | null;
}

/** The messages of all steps. */
export const messagesOf = ({ messages, plan }: PlacedSteps): readonly IdentifiedMessage[] => [
  ...messages,
  ...(plan?.later.flatMap((step) => step.messages) ?? []),
];

export interface StepPlaces {
  readonly recipientId: string;
  readonly nowMs: number;
  readonly idOf: (message: CheckedMessage) => string;
  /** False: leaves the message out. */
  readonly keeps: (id: string) => boolean;
}

/** All later steps are one record, which the log accepts up to this size together with its names. */
const mostLaterBytes = 700_000;

const bytesOf = ({ content, ...message }: IdentifiedMessage): number => {
  const { attachments, ...texts } = content;
  const files = attachments.reduce((sum, file) => sum + file.content.length, 0);
  return files + Buffer.byteLength(JSON.stringify({ ...message, content: texts }));
};

const tooLarge: Refused = invalid([
  {
    field: "recipient.fallback",
    reason: "content_too_large",
    problem: `has later steps whose messages have more than ${mostLaterBytes} bytes together`,
    fix: "send less content on them, or send attachments with the first step",
  },
]);

const leastOf = (steps: readonly LaterStep[]): string | null =>
  conditions.find((condition) => steps.some(({ unless }) => unless === condition)) ?? null;

/** Gives each message its id and its place in the plan. */
export const placeSteps = (
  message: UserMessage,
  chosen: Chosen,
  { recipientId, nowMs, idOf, keeps }: StepPlaces,
): PlacedSteps | Refused => {
  const own = (messages: readonly CheckedMessage[]): readonly IdentifiedMessage[] =>
    messages.map((one) => ({ ...one, id: idOf(one), user: message.user })).filter(({ id }) => keeps(id));
  const first = own(chosen.messages);
  const later = chosen.later
    .map((step): LaterStep => ({ unless: step.unless, afterMs: step.afterMs, messages: own(step.messages) }))
    .filter(({ messages }) => messages.length > 0);
  if (later.length === 0) return { messages: first, plan: null };
  const startsAtMs = Math.max(nowMs, message.notBefore ?? 0);
  const untilMs = later.reduce((sum, { afterMs }) => sum + afterMs, startsAtMs);
  const placeOf = (step: number): FallbackPlace => ({ recipientId, step, unless: leastOf(later.slice(step - 1)), untilMs, why: null });
  const placed = later.map((step, index) => ({
    ...step,
    // a later step is due once it is sent
    messages: step.messages.map((one) => ({ ...one, notBefore: null, fallback: placeOf(index + 2) })),
  }));
  const bytes = placed.flatMap(({ messages }) => messages).reduce((sum, one) => sum + bytesOf(one), 0);
  if (bytes > mostLaterBytes) return tooLarge;
  return {
    messages: first.map((one) => ({ ...one, fallback: placeOf(1) })),
    plan: { recipientId, user: message.user, startsAtMs, untilMs, firstIds: first.map(({ id }) => id), later: placed },
  };
};
