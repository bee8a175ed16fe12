import { ListPlatformApplicationsCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Provider } from "../../../processors/provider.js";
import type { DispatchCommand } from "../../../schemas/generated.js";
import { outcomeOfAwsError } from "../aws-outcome.js";

export interface SnsOptions {
  readonly region: string;
  readonly endpoint: string | null;
}

/** Source: SNS API reference, Publish, Errors. */
const errors = {
  EndpointDisabledException: { kind: "permanent_failure", reason: "endpoint_disabled" },
  PlatformApplicationDisabledException: { kind: "temporary_failure", reason: "account_rejected" },
  InvalidParameterException: { kind: "permanent_failure", reason: "recipient_rejected" },
  InvalidParameterValueException: { kind: "permanent_failure", reason: "content_rejected" },
  NotFoundException: { kind: "permanent_failure", reason: "recipient_rejected" },
  AuthorizationErrorException: { kind: "temporary_failure", reason: "account_rejected" },
} as const;

/** The platforms' payloads. Source: SNS developer guide, platform-specific payloads for mobile devices. */
const payloadOf = ({ content, messageId }: DispatchCommand): string => {
  const { title, text, data } = content;
  const alert = { ...(title ? { title } : {}), ...(text ? { body: text } : {}) };
  const apns = JSON.stringify({ aps: { alert }, ...data, carillonMessageId: messageId });
  return JSON.stringify({
    default: text ?? title ?? "",
    APNS: apns,
    APNS_SANDBOX: apns,
    GCM: JSON.stringify({ notification: alert, data: { ...data, carillonMessageId: messageId } }),
  });
};

/** AWS SNS push to a platform endpoint. */
export const createSns = ({ region, endpoint }: SnsOptions): Provider => {
  const client = new SNSClient({ region, ...(endpoint ? { endpoint } : {}), maxAttempts: 1 });
  return {
    name: "sns",
    channel: "push",
    send: async (command, { signal }) => {
      try {
        const request = new PublishCommand({ TargetArn: command.to, MessageStructure: "json", Message: payloadOf(command) });
        const { MessageId: responseId } = await client.send(request, signal ? { abortSignal: signal } : {});
        return { kind: "delivered", responseId: responseId ?? null, detail: "accepted by SNS" };
      } catch (error) {
        return outcomeOfAwsError(error, errors);
      }
    },
    check: async () => {
      await client.send(new ListPlatformApplicationsCommand({}));
      return "SNS answers";
    },
    close: async () => client.destroy(),
  };
};
