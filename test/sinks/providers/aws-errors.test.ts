import { describe, expect, it } from "vitest";
import { outcomeOfAwsError } from "../../../sinks/providers/aws-outcome.js";
import { outcomeOfSesError } from "../../../sinks/providers/email/ses.js";
import { endpointErrors, snsErrors } from "../../../sinks/providers/push/sns.js";

const answered = (name: string, httpStatusCode: number, message = "no") =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

const ofAccount = { kind: "temporary_failure", reason: "account_rejected" };
const ofContent = { kind: "permanent_failure", reason: "content_rejected" };

describe("errors of AWS", () => {
  it.each([
    ["AccessDeniedException", 400, ofAccount],
    ["IncompleteSignature", 400, ofAccount],
    ["NotAuthorized", 400, ofAccount],
    ["RequestExpired", 400, ofAccount],
    ["InvalidClientTokenId", 403, ofAccount],
    ["RequestAbortedException", 400, { kind: "ambiguous" }],
    ["RequestEntityTooLargeException", 413, { kind: "permanent_failure", reason: "content_too_large" }],
    ["RequestTimeoutException", 408, { kind: "ambiguous", reason: "provider_timeout" }],
    ["ThrottlingException", 400, { kind: "throttled" }],
    ["Throttling", 400, { kind: "throttled" }],
    ["InternalFailure", 500, { kind: "ambiguous" }],
    ["ServiceUnavailable", 503, { kind: "temporary_failure", reason: "provider_unavailable" }],
    ["ValidationError", 400, ofContent],
    ["NewException", 400, ofContent],
    ["NewException", 500, { kind: "ambiguous" }],
  ])("%s with %i", (name, status, expected) => {
    expect(outcomeOfSesError(answered(name, status))).toMatchObject(expected);
    expect(outcomeOfAwsError(answered(name, status), snsErrors)).toMatchObject(expected);
  });

  it.each([
    ["MessageRejected", "Message contains a virus", ofContent],
    [
      "MessageRejected",
      "Email address is not verified. The following identities failed the check in region US-EAST-1: a@b.test",
      { kind: "permanent_failure", reason: "sender_rejected" },
    ],
    ["MessageRejected", "Sending paused for this account. For more information, please check the inbox", ofAccount],
    ["MessageRejected", "Sending suspended for this account. For more information, please check the inbox", ofAccount],
    ["MailFromDomainNotVerifiedException", "could not read the MX record", ofAccount],
    ["ConfigurationSetDoesNotExistException", "no", ofAccount],
    ["ConfigurationSetSendingPausedException", "no", ofAccount],
    ["AccountSendingPausedException", "no", ofAccount],
  ])("SES: %s, %s", (name, message, expected) => {
    expect(outcomeOfSesError(answered(name, 400, message))).toMatchObject(expected);
  });

  it.each([
    ["EndpointDisabledException", 400, { kind: "permanent_failure", reason: "endpoint_disabled" }],
    ["PlatformApplicationDisabledException", 400, ofAccount],
    ["NotFoundException", 404, { kind: "permanent_failure", reason: "recipient_rejected" }],
    ["KMSAccessDeniedException", 400, ofAccount],
    ["KMSDisabledException", 400, ofAccount],
    ["KMSThrottlingException", 400, { kind: "throttled" }],
    ["InvalidSecurityException", 403, ofAccount],
    ["InternalErrorException", 500, { kind: "ambiguous" }],
    ["ThrottledException", 429, { kind: "throttled" }],
  ])("SNS, Publish: %s", (name, status, expected) => {
    expect(outcomeOfAwsError(answered(name, status), snsErrors)).toMatchObject(expected);
  });

  it("SNS, CreatePlatformEndpoint: a platform application that is not found is the account's fault", () => {
    expect(outcomeOfAwsError(answered("NotFoundException", 404), endpointErrors)).toMatchObject(ofAccount);
  });
});
