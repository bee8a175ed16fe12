import { type Condition, conditions } from "../client/recipient-input.js";
import type { Step } from "./plan-recipient.js";

/** A message of a recipient, as far as it is known. */
export interface MessageProgress {
  /** How far it came; null: not even accepted. */
  readonly reached: Condition | null;
  /** It ended without success. */
  readonly failed: boolean;
}

export interface RecipientProgress {
  /** Number of steps that were sent, in the order of the plan. */
  readonly sentSteps: number;
  /** The messages of all sent steps that are known. */
  readonly messages: readonly MessageProgress[];
  /** Since the latest step was sent. */
  readonly elapsedMs: number;
}

/** `settled`: nothing more is sent, because the condition is met, or no step is left. */
export type NextStep =
  | { readonly kind: "send"; readonly step: number; readonly why: "first" | "overdue" | "failed" }
  | { readonly kind: "wait"; readonly forMs: number }
  | { readonly kind: "settled"; readonly why: "met" | "exhausted" };

const rankOf = (condition: Condition | null): number => (condition === null ? -1 : conditions.indexOf(condition));

/** Whether a message that came as far as `reached` meets a condition. */
export const meets = (reached: Condition | null, condition: Condition | null): boolean => rankOf(reached) >= rankOf(condition);

/**
 * What to do for a recipient now. The best of its messages counts, and a failed one does not count, also if it was accepted before. Once
 * all messages have failed, the next step is not kept waiting.
 */
export const nextStep = (
  steps: readonly Pick<Step, "unless" | "afterMs">[],
  { sentSteps, messages, elapsedMs }: RecipientProgress,
): NextStep => {
  const next = steps[sentSteps];
  if (!next) return { kind: "settled", why: "exhausted" };
  if (sentSteps === 0) return { kind: "send", step: 0, why: "first" };
  const living = messages.filter(({ failed }) => !failed);
  if (living.some(({ reached }) => meets(reached, next.unless))) return { kind: "settled", why: "met" };
  if (messages.length > 0 && living.length === 0) return { kind: "send", step: sentSteps, why: "failed" };
  const leftMs = next.afterMs - elapsedMs;
  return leftMs > 0 ? { kind: "wait", forMs: Math.min(leftMs, next.afterMs) } : { kind: "send", step: sentSteps, why: "overdue" };
};
