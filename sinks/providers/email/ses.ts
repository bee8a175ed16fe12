import { z } from "zod";
import { count, optionalDomain } from "../../../config/keys.js";
import { diagnostics } from "../../../engine/diagnostics.js";
import type { SendOutcome } from "../../../processors/provider.js";
import { textOf } from "../../../wire/decode-body.js";
import { awsClientOptions } from "../aws-client.js";
import { awsAnswerOf, awsCommonErrors, outcomeOfAwsError } from "../aws-outcome.js";
import { buildRequest } from "../build-request.js";
import { defineProvider, type ErrorTable } from "../definition.js";
import { eventInMessage } from "../event-in-message.js";
import { addressesOf, mailOf, notTaken } from "./mail-of.js";
import { readSesMessage, sesStates } from "./ses-events.js";

const sesErrors: ErrorTable = {
  of: "SES error",
  source: "SES API reference (2010-12-01), SendRawEmail, Errors",
  meanings: {
    MessageRejected: { kind: "permanent_failure", reason: "content_rejected" },
    // SES could not read the MX record of the account's MAIL FROM domain
    MailFromDomainNotVerifiedException: { kind: "temporary_failure", reason: "account_rejected" },
    ConfigurationSetDoesNotExist: { kind: "temporary_failure", reason: "account_rejected" },
    ConfigurationSetDoesNotExistException: { kind: "temporary_failure", reason: "account_rejected" },
    ConfigurationSetSendingPausedException: { kind: "temporary_failure", reason: "account_rejected" },
    AccountSendingPausedException: { kind: "temporary_failure", reason: "account_rejected" },
  },
};

/**
 * Classifies an SES error. MessageRejected gives its reason only in its text. Source: SES developer guide, Amazon SES email sending errors.
 */
export const outcomeOfSesError = (thrown: unknown): SendOutcome => {
  const outcome = outcomeOfAwsError(thrown, sesErrors);
  const { name, message = "" } = thrown as { readonly name?: string; readonly message?: string };
  if (name !== "MessageRejected" || outcome.kind !== "permanent_failure") return outcome;
  if (/sending (paused|suspended) for this account/i.test(message))
    return { ...outcome, kind: "temporary_failure", reason: "account_rejected" };
  return /address (is )?not verified/i.test(message) ? { ...outcome, reason: "sender_rejected" } : outcome;
};

/** AWS SES. Reports deliveries only with a configuration set, through its events. */
export const ses = defineProvider({
  type: "ses",
  doc: "AWS SES, by SendRawEmail, at most at the rate of the account",
  channels: ["email"],
  tenantUse: { allowed: false, because: "uses the AWS credentials of the machine" },
  options: z.strictObject({
    configurationSet: z.string().nullable().default(null).describe("SES configuration set whose events are the receipts"),
    queueUrl: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null)
      .describe("SQS queue that receives those events from SNS"),
    queueReaders: count("concurrent long polls of that queue in each process", 2),
    messageIdDomain: optionalDomain("domain of the Message-ID; null: the sender's domain"),
    topicArns: z.array(z.string().startsWith("arn:")).default([]).describe("SNS topics that may post those events to /v1/callbacks/<name>"),
  }),
  missing: ({ queueUrl, topicArns, configurationSet }) =>
    (queueUrl || topicArns.length > 0) && !configurationSet ? ["configurationSet: without one no events come"] : [],
  states: sesStates,
  errors: [sesErrors, awsCommonErrors],
  create: async ({ name, channel }, { configurationSet, messageIdDomain }, { aws: { region, endpoint }, sendTimeoutMs }) => {
    const [{ GetSendQuotaCommand, SESClient, SendRawEmailCommand }, { default: MailComposer }] = await Promise.all([
      import("@aws-sdk/client-ses"),
      import("nodemailer/lib/mail-composer/index.js"),
    ]);
    const client = new SESClient(awsClientOptions({ region, endpoint, sendTimeoutMs }));
    return {
      name,
      channel,
      send: async (command, { signal, note }) => {
        const request = `SES ${region} SendRawEmail from ${command.from} to ${command.to}`;
        const { sender, recipient, international } = await buildRequest(() => addressesOf(command));
        // Source: SES developer guide, Verified identities: local parts are 7-bit ASCII
        if (international) return notTaken("SES takes no address with characters beyond ASCII before the @");
        const mime = await buildRequest(() => new MailComposer(mailOf(command, messageIdDomain)).compile().build());
        try {
          const rawEmail = new SendRawEmailCommand({
            RawMessage: { Data: mime },
            Destinations: [recipient.address],
            Source: sender.address,
            ...(configurationSet ? { ConfigurationSetName: configurationSet } : {}),
            Tags: [
              { Name: "carillon-message-id", Value: command.messageId },
              { Name: "carillon-attempt", Value: String(command.attempt) },
            ],
          });
          const answer = await client.send(rawEmail, signal ? { abortSignal: signal } : {});
          note?.({ request, response: awsAnswerOf(answer) });
          const { MessageId: providerMessageId } = answer;
          if (configurationSet && providerMessageId) return { kind: "accepted", providerMessageId };
          return {
            kind: "delivered",
            providerMessageId: providerMessageId ?? null,
            detail: "accepted by SES; no configuration set reports further",
          };
        } catch (error) {
          note?.({ request, response: awsAnswerOf(error) });
          return outcomeOfSesError(error);
        }
      },
      sendRate: async () => (await client.send(new GetSendQuotaCommand({}))).MaxSendRate,
      healthCheck: async () => {
        const quota = await client.send(new GetSendQuotaCommand({}));
        return `SES answers; ${quota.SentLast24Hours ?? 0} of ${quota.Max24HourSend ?? 0} sent in 24 hours, ${quota.MaxSendRate ?? 0} a second`;
      },
      close: async () => client.destroy(),
    };
  },
  callbacks: {
    expected: ({ configurationSet, queueUrl }) => configurationSet !== null && queueUrl === null,
    signed: ({ topicArns }) => topicArns.length > 0,
    alternatives: "topicArns, whose messages SNS signs, or queueUrl, by which no callbacks come",
    read: ({ body }) => [readSesMessage(textOf(body))],
  },
  readers: { queue: (unit) => [readSesMessage(eventInMessage(unit))] },
  listen: async (identity, { queueUrl, queueReaders }, { aws: { region, endpoint }, sendTimeoutMs, clock, receive, origin }) => {
    if (!queueUrl) return undefined;
    const { pollSqs } = await import("../sqs.js");
    return pollSqs(
      { client: awsClientOptions({ region, endpoint, sendTimeoutMs }), queueUrl, readers: queueReaders },
      {
        clock,
        receive: (bodies) => receive(identity, "queue", bodies),
        onTrouble: (error) => diagnostics.trouble.publish(origin, { where: `${identity.name} queue`, error }),
      },
    );
  },
});
