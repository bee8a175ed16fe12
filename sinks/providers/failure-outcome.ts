import type { SendOutcome } from "../../processors/provider.js";
import { messageOf } from "../../schemas/errors.js";

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

/** What an HTTP status other than success means for a send. */
export const outcomeOfStatus = (status: number, detail: string, retryAfterMs?: number): SendOutcome => {
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) return { kind: "throttled", reason: "provider_throttled", detail, ...later };
  if (status === 401 || status === 402 || status === 403) return { kind: "temporary_failure", reason: "account_rejected", detail };
  if (status === 503) return { kind: "temporary_failure", reason: "provider_unavailable", detail, ...later };
  if (status >= 500) return { kind: "ambiguous", reason: "provider_unavailable", detail };
  return { kind: "permanent_failure", reason: "content_rejected", detail };
};
