import type { Finding } from "../../channels/finding.js";

/**
 * Why a message is refused. `invalid`: it has invalid fields. `forbidden`: the sender may not send it. `conflict`: its idempotency key was
 * used with different content.
 */
export type RefusalCause = "invalid" | "forbidden" | "conflict";

/** A message that was not accepted. */
export interface Refused {
  readonly cause: RefusalCause;
  /** The rule that forbids it, as a text for the sender. */
  readonly detail?: string;
  readonly errors: readonly [Finding, ...Finding[]];
}

/** The error of a rejected message whose check names none. */
const unnamed: Finding = { field: "body", reason: "invalid_request", problem: "is not a message", fix: "send a body of POST /v1/messages" };

/** The refusal of a message with invalid fields. */
export const invalid = ([first = unnamed, ...rest]: readonly Finding[]): Refused => ({ cause: "invalid", errors: [first, ...rest] });

/** The refusal of a message that its sender may not send. */
export const forbidden = (error: Finding, detail: string): Refused => ({ cause: "forbidden", detail, errors: [error] });

/** The refusal of a message whose idempotency key was used with different content. */
export const conflict: Refused = {
  cause: "conflict",
  errors: [
    {
      field: "idempotencyKey",
      reason: "idempotency_conflict",
      problem: "was already used with different content",
      fix: "send the same content, or use another key",
    },
  ],
};
