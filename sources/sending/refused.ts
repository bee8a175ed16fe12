import { type LimitState, limitWords } from "../../access/limits/tenant-limits.js";
import type { Finding } from "../../channels/finding.js";

/**
 * Why a message is refused. `invalid`: it has invalid fields. `forbidden`: the sender may not send it. `unknown`: its user does not exist.
 * `unreachable`: its user has no usable address. `conflict`: its idempotency key was used with different content. `in_flight`: another
 * request with its idempotency key is not answered yet. `limited`: its tenant has reached a limit.
 */
export type RefusalCause = "invalid" | "forbidden" | "unknown" | "unreachable" | "conflict" | "in_flight" | "limited";

/** A message that was not accepted. */
export interface Refused {
  readonly cause: RefusalCause;
  /** The rule that forbids it, as a text for the sender. */
  readonly detail?: string;
  /** How long to wait before a repeat can succeed. */
  readonly retryAfterMs?: number;
  /** The limit that was reached. */
  readonly exceeded?: LimitState;
  readonly errors: readonly [Finding, ...Finding[]];
}

/** The error of a rejected message whose check names none. */
const unnamed: Finding = { field: "body", reason: "invalid_request", problem: "is not a message", fix: "send a body of POST /v1/messages" };

const refused = (cause: RefusalCause, [first = unnamed, ...rest]: readonly Finding[]): Refused => ({ cause, errors: [first, ...rest] });

/** The refusal of a message with invalid fields. */
export const invalid = (errors: readonly Finding[]): Refused => refused("invalid", errors);

/** The refusal of a message to a user without a usable address, with an error for each channel. */
export const unreachable = (errors: readonly Finding[]): Refused => refused("unreachable", errors);

/** The refusal of a message that its sender may not send. */
export const forbidden = (error: Finding, detail: string): Refused => ({ ...refused("forbidden", [error]), detail });

/** The refusal of a message to a user that does not exist. */
export const unknownUser: Refused = refused("unknown", [
  {
    field: "recipient.user",
    reason: "invalid_recipient",
    problem: "is not a user of the tenant",
    fix: "create the user with PUT /v1/users/<id> first",
  },
]);

/** The refusal of a message whose idempotency key was used with different content. */
export const conflict: Refused = refused("conflict", [
  {
    field: "idempotencyKey",
    reason: "idempotency_conflict",
    problem: "was already used with different content",
    fix: "send the same content, or use another key",
  },
]);

/** The refusal of a message whose idempotency key belongs to a request that is not answered yet. */
export const inFlight = (retryAfterMs: number): Refused => ({
  ...refused("in_flight", [
    {
      field: "idempotencyKey",
      reason: "duplicate_request",
      problem: "belongs to a request that is not answered yet",
      fix: "repeat the request after a few seconds",
    },
  ]),
  retryAfterMs,
});

/** The refusal of a message whose tenant has reached a limit. */
export const limited = (exceeded: LimitState): Refused => ({
  ...refused("limited", [
    {
      field: "tenant",
      reason: "tenant_limit",
      problem: limitWords(exceeded),
      fix: `send the message again in ${exceeded.resetSeconds} seconds`,
    },
  ]),
  detail: `the tenant ${limitWords(exceeded)}`,
  exceeded,
});
