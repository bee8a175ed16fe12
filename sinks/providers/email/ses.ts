import { GetSendQuotaCommand, SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import type { Provider } from "../../../processors/provider.js";
import { outcomeOfAwsError } from "../aws-outcome.js";
import { mailOf } from "./mail-of.js";

export interface SesOptions {
  readonly region: string;
  readonly endpoint: string | null;
  readonly configurationSet: string | null;
}

/** Source: SES API reference, SendRawEmail, Errors. */
const errors = {
  MessageRejected: { kind: "permanent_failure", reason: "content_rejected" },
  MailFromDomainNotVerifiedException: { kind: "permanent_failure", reason: "sender_rejected" },
  ConfigurationSetDoesNotExist: { kind: "temporary_failure", reason: "account_rejected" },
  ConfigurationSetSendingPausedException: { kind: "temporary_failure", reason: "account_rejected" },
  AccountSendingPausedException: { kind: "temporary_failure", reason: "account_rejected" },
} as const;

/** AWS SES. With a configuration set its events report the rest; without one nothing ever will. */
export const createSes = ({ region, endpoint, configurationSet }: SesOptions): Provider => {
  const client = new SESClient({ region, ...(endpoint ? { endpoint } : {}), maxAttempts: 1 });
  return {
    name: "ses",
    channel: "email",
    send: async (command, { signal }) => {
      try {
        const mime = await new MailComposer(mailOf(command)).compile().build();
        const request = new SendRawEmailCommand({
          RawMessage: { Data: mime },
          Destinations: [command.to],
          ...(command.from ? { Source: command.from } : {}),
          ...(configurationSet ? { ConfigurationSetName: configurationSet } : {}),
          Tags: [{ Name: "carillon-message-id", Value: command.messageId }],
        });
        const { MessageId: responseId } = await client.send(request, signal ? { abortSignal: signal } : {});
        if (configurationSet && responseId) return { kind: "accepted", responseId };
        return { kind: "delivered", responseId: responseId ?? null, detail: "accepted by SES; no configuration set reports further" };
      } catch (error) {
        return outcomeOfAwsError(error, errors);
      }
    },
    check: async () => {
      const quota = await client.send(new GetSendQuotaCommand({}));
      return `SES answers; ${quota.SentLast24Hours ?? 0} of ${quota.Max24HourSend ?? 0} sent in 24 hours`;
    },
    close: async () => client.destroy(),
  };
};
