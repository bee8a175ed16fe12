import type { SendOutcome } from "../../processors/provider.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { ErrorTable } from "./definition.js";
import { outcomeOfConnectionError, outcomeOfStatus } from "./failure-outcome.js";

/** What AWS answered, for people to read. */
export const awsAnswerOf = (answer: unknown): string => {
  const { name, $metadata } = answer as { name?: string; $metadata?: { httpStatusCode?: number; requestId?: string } };
  const status = $metadata?.httpStatusCode ?? "no status";
  const request = $metadata?.requestId ? `, request ${$metadata.requestId}` : "";
  return answer instanceof Error ? `${status} ${name}: ${messageOf(answer)}${request}` : `${status}${request}`;
};

interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: unknown;
}

/** What an error of the AWS SDK means: by its name, else by its HTTP status, else as a connection that failed. */
export const outcomeOfAwsError = (thrown: unknown, { meanings }: ErrorTable): SendOutcome => {
  const { name = "", code, $metadata, $response } = thrown as AwsError;
  // the SDK could not write the request
  if (/^(TypeError|RangeError|URIError)$/.test(name) && code === undefined && !$metadata && !$response)
    throw new CarillonError("UNSENDABLE", messageOf(thrown), { cause: thrown });
  const detail = `${name || "Error"}: ${messageOf(thrown)}`;
  const known = Object.hasOwn(meanings, name) ? meanings[name] : undefined;
  if (known) return { ...known, detail };
  // the SDK found no credentials to sign with, so it sent nothing
  if (/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(name))
    return { kind: "temporary_failure", reason: "account_rejected", detail };
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name)) return { kind: "throttled", reason: "provider_throttled", detail };
  return $metadata?.httpStatusCode ? outcomeOfStatus($metadata.httpStatusCode, detail) : outcomeOfConnectionError(thrown);
};
