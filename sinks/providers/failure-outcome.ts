import type { SendOutcome } from "../../processors/provider.js";
import { entryOf } from "../../schemas/entry-of.js";
import { causesOf, messageOf } from "../../schemas/errors.js";
import type { ErrorTable, FailureMeaning } from "./definition.js";

/**
 * Errors of a connection that was never established: nothing was sent. Sources: Node.js, Common system errors; undici, Errors; nodemailer.
 */
const neverConnected = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "ENODATA",
  "ESERVFAIL",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
  "EMFILE",
  "ENFILE",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_TLS",
  "ECONNECTION",
  "EDNS",
  "EPROXY",
]);

/**
 * TLS negotiation failed or the certificate was not trusted. The request is sent only after both, so nothing was sent. Source: Node.js, TLS
 * and OpenSSL errors.
 */
const noTls =
  /^(EPROTO|ERR_TLS_\w+|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_SSL_(?!DECRYPTION_FAILED|BAD_RECORD)\w+)$/;

/** The proxy refused the connection, so the request was not forwarded. */
const byProxy = /Proxy Authentication Required|did not establish a connection with the server/;

const isUnsent = (error: unknown): boolean => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const coded = typeof code === "string" && (neverConnected.has(code) || noTls.test(code));
  return coded || (typeof message === "string" && byProxy.test(message));
};

/**
 * Classifies a failed connection: temporary if nothing can have been sent, else ambiguous. `sending`: whether the first byte of the request
 * was sent. If undefined, the error's code decides.
 */
export const outcomeOfConnectionError = (thrown: unknown, sending?: boolean): SendOutcome => {
  const detail = messageOf(thrown);
  const causes = causesOf(thrown).filter((cause) => typeof cause === "object");
  const unsent = sending === false || causes.some(isUnsent);
  return { kind: unsent ? "temporary_failure" : "ambiguous", reason: "provider_unavailable", detail };
};

/** The meaning of HTTP statuses for a send. After a 5xx other than 503 the outcome is unknown. */
export const httpStatuses: ErrorTable = {
  of: "HTTP status",
  source: "RFC 9110, 15; RFC 6585, 4",
  meanings: {
    401: { kind: "temporary_failure", reason: "account_rejected" },
    402: { kind: "temporary_failure", reason: "account_rejected" },
    403: { kind: "temporary_failure", reason: "account_rejected" },
    "3xx": { kind: "permanent_failure", reason: "provider_unavailable" },
    // a server that answers without its service, such as a gateway whose backend restarts
    404: { kind: "temporary_failure", reason: "provider_unavailable" },
    405: { kind: "temporary_failure", reason: "provider_unavailable" },
    407: { kind: "temporary_failure", reason: "provider_unavailable" },
    408: { kind: "ambiguous", reason: "provider_timeout" },
    429: { kind: "throttled", reason: "provider_throttled" },
    "4xx": { kind: "permanent_failure", reason: "content_rejected" },
    421: { kind: "temporary_failure", reason: "provider_unavailable" },
    425: { kind: "temporary_failure", reason: "provider_unavailable" },
    503: { kind: "temporary_failure", reason: "provider_unavailable" },
    511: { kind: "temporary_failure", reason: "provider_unavailable" },
    "5xx": { kind: "ambiguous", reason: "provider_unavailable" },
  },
};

/** The meaning of a code: its own entry, else that of its class (`4xx`). */
export const meaningOf = ({ meanings }: ErrorTable, code: string): FailureMeaning | undefined =>
  entryOf(meanings, code) ?? entryOf(meanings, `${code[0]}xx`);

/** Classifies an HTTP status other than success. */
export const outcomeOfStatus = (
  status: number,
  detail: string,
  { retryAfterMs, redirectsTo }: { readonly retryAfterMs?: number | undefined; readonly redirectsTo?: string | undefined } = {},
): SendOutcome => {
  const meaning = meaningOf(httpStatuses, String(status)) ?? { kind: "ambiguous", reason: "provider_unavailable" };
  const waits = (meaning.kind === "throttled" || status === 503) && retryAfterMs !== undefined;
  const redirect = redirectsTo === undefined ? "" : `: redirects to ${redirectsTo}, which is not followed; configure that address`;
  return { ...meaning, detail: `${detail}${redirect}`, ...(waits ? { retryAfterMs } : {}) };
};
