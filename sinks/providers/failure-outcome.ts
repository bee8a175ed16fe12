import type { SendOutcome } from "../../processors/provider.js";
import { messageOf } from "../../schemas/errors.js";
import type { ErrorTable, FailureMeaning } from "./definition.js";

/** Errors of a connection that never came to be: nothing was sent. */
const neverConnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ECONNECTION",
]);

const codesOf = (thrown: unknown): string[] => {
  const codes: string[] = [];
  for (let error = thrown as { code?: unknown; cause?: unknown } | undefined; error; error = error.cause as typeof error) {
    if (typeof error.code === "string") codes.push(error.code);
  }
  return codes;
};

/** What a failed connection means: temporary where nothing can have been sent, else ambiguous. */
export const outcomeOfConnectionError = (thrown: unknown): SendOutcome => {
  const detail = messageOf(thrown);
  return codesOf(thrown).some((code) => neverConnected.has(code))
    ? { kind: "temporary_failure", reason: "provider_unavailable", detail }
    : { kind: "ambiguous", reason: "provider_unavailable", detail };
};

/** Milliseconds of a Retry-After header: seconds or an HTTP date. Source: RFC 9110, 10.2.3. */
export const retryAfterMsOf = (header: string | null, nowMs: number): number | undefined => {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
};

/** What HTTP statuses mean for a send. After a 5xx other than 503 nobody knows how far the provider came. */
export const httpStatuses: ErrorTable = {
  of: "HTTP status",
  source: "RFC 9110, 15; RFC 6585, 4",
  meanings: {
    401: { kind: "temporary_failure", reason: "account_rejected" },
    402: { kind: "temporary_failure", reason: "account_rejected" },
    403: { kind: "temporary_failure", reason: "account_rejected" },
    408: { kind: "ambiguous", reason: "provider_timeout" },
    429: { kind: "throttled", reason: "provider_throttled" },
    "4xx": { kind: "permanent_failure", reason: "content_rejected" },
    503: { kind: "temporary_failure", reason: "provider_unavailable" },
    "5xx": { kind: "ambiguous", reason: "provider_unavailable" },
  },
};

/** What a code means: the code itself, else its class (`4xx`). */
export const meaningOf = ({ meanings }: ErrorTable, code: string): FailureMeaning | undefined => meanings[code] ?? meanings[`${code[0]}xx`];

/** What an HTTP status other than success means for a send. */
export const outcomeOfStatus = (status: number, detail: string, retryAfterMs?: number): SendOutcome => {
  const meaning = meaningOf(httpStatuses, String(status)) ?? { kind: "ambiguous", reason: "provider_unavailable" };
  const waits = (meaning.kind === "throttled" || status === 503) && retryAfterMs !== undefined;
  return { ...meaning, detail, ...(waits ? { retryAfterMs } : {}) };
};
