import type { SendOutcome } from "../../processors/provider.js";
import { entryOf } from "../../schemas/entry-of.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { ErrorTable } from "./definition.js";
import { outcomeOfConnectionError, outcomeOfStatus } from "./failure-outcome.js";

/** Describes AWS's answer for operators. */
export const awsAnswerOf = (answer: unknown): string => {
  const { name, $metadata } = answer as { name?: string; $metadata?: { httpStatusCode?: number; requestId?: string } };
  const status = $metadata?.httpStatusCode ?? "no status";
  const request = $metadata?.requestId ? `, request ${$metadata.requestId}` : "";
  return answer instanceof Error ? `${status} ${name}: ${messageOf(answer)}${request}` : `${status}${request}`;
};

/**
 * Errors common to all AWS services. Their HTTP status alone would blame the message: several are 400, yet the fault lies with Carillon's
 * credentials or clock.
 */
export const awsCommonErrors: ErrorTable = {
  of: "error that AWS services share",
  source: "SES API reference, Common Error Types. Other errors are decided by their HTTP status, throttling by the error's name",
  meanings: {
    AccessDeniedException: { kind: "temporary_failure", reason: "account_rejected" },
    ExpiredTokenException: { kind: "temporary_failure", reason: "account_rejected" },
    IncompleteSignature: { kind: "temporary_failure", reason: "account_rejected" },
    InvalidClientTokenId: { kind: "temporary_failure", reason: "account_rejected" },
    MissingAuthenticationToken: { kind: "temporary_failure", reason: "account_rejected" },
    NotAuthorized: { kind: "temporary_failure", reason: "account_rejected" },
    OptInRequired: { kind: "temporary_failure", reason: "account_rejected" },
    RequestExpired: { kind: "temporary_failure", reason: "account_rejected" },
    UnrecognizedClientException: { kind: "temporary_failure", reason: "account_rejected" },
    RequestAbortedException: { kind: "ambiguous", reason: "provider_unavailable" },
    RequestEntityTooLargeException: { kind: "permanent_failure", reason: "content_too_large" },
  },
};

interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: unknown;
}

/** Classifies an AWS SDK error: by its name, else by its HTTP status, else as a failed connection. */
export const outcomeOfAwsError = (thrown: unknown, { meanings }: ErrorTable): SendOutcome => {
  const { name = "", code, $metadata, $response } = thrown as AwsError;
  // the SDK could not build the request
  if (/^(TypeError|RangeError|URIError)$/.test(name) && code === undefined && !$metadata && !$response)
    throw new CarillonError("UNSENDABLE", messageOf(thrown), { cause: thrown });
  const detail = `${name || "Error"}: ${messageOf(thrown)}`;
  const known = entryOf(meanings, name) ?? entryOf(awsCommonErrors.meanings, name);
  if (known) return { ...known, detail };
  // the SDK found no credentials for signing, so nothing was sent
  if (/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(name))
    return { kind: "temporary_failure", reason: "account_rejected", detail };
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name)) return { kind: "throttled", reason: "provider_throttled", detail };
  return $metadata?.httpStatusCode ? outcomeOfStatus($metadata.httpStatusCode, detail) : outcomeOfConnectionError(thrown);
};
