import type * as Sns from "@aws-sdk/client-sns";
import { z } from "zod";
import type { SendOutcome } from "../../../processors/provider.js";
import { readingOf, readingsOf } from "../../../processors/reading.js";
import { CarillonError, messageOf, unavailable } from "../../../schemas/errors.js";
import type { DispatchCommand } from "../../../schemas/generated.js";
import { awsClientOptions } from "../aws-client.js";
import { awsAnswerOf, awsCommonErrors, outcomeOfAwsError } from "../aws-outcome.js";
import { buildRequest } from "../build-request.js";
import { defineProvider, type ErrorTable } from "../definition.js";
import { platformReasons, readDeliveryLog, readLogLine, snsStates } from "./delivery-log.js";

export const snsErrors: ErrorTable = {
  of: "SNS error",
  source: "SNS API reference, Publish and CreatePlatformEndpoint, Errors",
  meanings: {
    EndpointDisabledException: { kind: "permanent_failure", reason: "endpoint_disabled" },
    PlatformApplicationDisabledException: { kind: "temporary_failure", reason: "account_rejected" },
    InvalidParameterException: { kind: "permanent_failure", reason: "recipient_rejected" },
    InvalidParameterValueException: { kind: "permanent_failure", reason: "content_rejected" },
    NotFoundException: { kind: "permanent_failure", reason: "recipient_rejected" },
    AuthorizationErrorException: { kind: "temporary_failure", reason: "account_rejected" },
    InvalidSecurityException: { kind: "temporary_failure", reason: "account_rejected" },
    KMSAccessDeniedException: { kind: "temporary_failure", reason: "account_rejected" },
    KMSDisabledException: { kind: "temporary_failure", reason: "account_rejected" },
    KMSInvalidStateException: { kind: "temporary_failure", reason: "account_rejected" },
    KMSNotFoundException: { kind: "temporary_failure", reason: "account_rejected" },
    KMSOptInRequired: { kind: "temporary_failure", reason: "account_rejected" },
  },
};

/** When an endpoint is created, NotFound refers to the configured platform application, so the message is not at fault. */
export const endpointErrors: ErrorTable = {
  of: "SNS error when it creates an endpoint",
  source: "SNS API reference, CreatePlatformEndpoint, Errors",
  meanings: { ...snsErrors.meanings, NotFoundException: { kind: "temporary_failure", reason: "account_rejected" } },
};

/** The payload for each platform. Source: SNS developer guide, platform-specific payloads for mobile devices. */
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

const mostEndpoints = 50_000;
const enableTimeoutMs = 10_000;

/** The existing endpoint of a device that SNS has registered with other attributes. Source: SNS API reference, CreatePlatformEndpoint. */
const knownEndpoint = (thrown: unknown): string | undefined => /Endpoint (arn:\S+) already exists/.exec(messageOf(thrown))?.[1];

const ownerMark = "carillon-tenant:";

/** The tenant that registered a device; undefined if there is none or if another system wrote the data. */
const ownerOf = (data: string | undefined): string | undefined => (data?.startsWith(ownerMark) ? data.slice(ownerMark.length) : undefined);

/** SNS's errors contain the endpoint, which may be another tenant's, so their text is only logged. */
const enableFailure = (thrown: unknown): CarillonError => {
  if (thrown instanceof CarillonError) return thrown;
  const { name = "" } = thrown as { readonly name?: string };
  if (/^InvalidParameter/.test(name)) return new CarillonError("UNSENDABLE", "the platform refuses this token", { cause: thrown });
  return unavailable("SNS", thrown);
};

/** Endpoints by platform and token, with a cache of the latest. */
const createEndpoints = (client: Sns.SNSClient, applications: Readonly<Record<string, string>>, sdk: typeof Sns) => {
  const endpoints = new Map<string, string>();
  const remember = (key: string, arn: string): string => {
    if (endpoints.size >= mostEndpoints) endpoints.clear();
    endpoints.set(key, arn);
    return arn;
  };
  const unknownPlatform = (platform: string): string => {
    const known = Object.keys(applications).join(", ") || "none";
    return `there is no platform "${platform}": ${known} are configured`;
  };
  const applicationOf = (platform: string): string => {
    const arn = Object.hasOwn(applications, platform) ? applications[platform] : undefined;
    if (arn) return arn;
    throw Object.assign(new Error(unknownPlatform(platform)), { name: "InvalidParameterException" });
  };
  const create = async (platform: string, token: string, signal: AbortSignal | undefined): Promise<string> => {
    const request = new sdk.CreatePlatformEndpointCommand({ PlatformApplicationArn: applicationOf(platform), Token: token });
    try {
      const { EndpointArn } = await client.send(request, signal ? { abortSignal: signal } : {});
      return EndpointArn ?? "";
    } catch (error) {
      const known = knownEndpoint(error);
      if (known) return known;
      throw error;
    }
  };
  return {
    /** The problem with a recipient whose platform is not configured. */
    refusalOf: (to: string): string | undefined => {
      const [platform = ""] = to.split(":");
      return to.startsWith("arn:") || Object.hasOwn(applications, platform) ? undefined : unknownPlatform(platform);
    },
    /** The endpoint of a recipient: the recipient itself, or the endpoint of `platform:token`, created at the first message. */
    of: async (to: string, signal: AbortSignal | undefined): Promise<string> => {
      if (to.startsWith("arn:")) return to;
      const known = endpoints.get(to);
      if (known) return known;
      const [platform = "", ...token] = to.split(":");
      return remember(to, await create(platform, token.join(":"), signal));
    },
    /**
     * Makes the device reachable again: the app has just received this token from its platform. Source: SNS developer guide, Managing
     * device tokens.
     */
    enable: async (platform: string, token: string, tenant: string | undefined): Promise<string> => {
      if (!Object.hasOwn(applications, platform)) throw new CarillonError("UNSENDABLE", unknownPlatform(platform));
      const abortSignal = AbortSignal.timeout(enableTimeoutMs);
      try {
        const arn = await create(platform, token, abortSignal);
        const { Attributes = {} } = await client.send(new sdk.GetEndpointAttributesCommand({ EndpointArn: arn }), { abortSignal });
        const owner = ownerOf(Attributes.CustomUserData);
        if (tenant !== undefined && owner !== undefined && owner !== tenant)
          throw new CarillonError("FORBIDDEN", "another tenant registered this device");
        const claims = tenant !== undefined && owner === undefined;
        if (claims || Attributes.Enabled?.toLowerCase() !== "true" || Attributes.Token !== token) {
          const own: Readonly<Record<string, string>> = claims ? { CustomUserData: `${ownerMark}${tenant}` } : {};
          const request = { EndpointArn: arn, Attributes: { Enabled: "true", Token: token, ...own } };
          await client.send(new sdk.SetEndpointAttributesCommand(request), { abortSignal });
        }
        return remember(`${platform}:${token}`, arn);
      } catch (error) {
        throw enableFailure(error);
      }
    },
  };
};

/** AWS SNS push to a platform endpoint or to a device token. */
export const sns = defineProvider({
  type: "sns",
  doc: "AWS SNS push, by Publish to an endpoint's ARN or to platform:token",
  channels: ["push"],
  tenantUse: { allowed: false, because: "uses the AWS credentials of the machine" },
  // its log reports that APNs or FCM accepted the message
  confirmsAcceptanceOnly: true,
  options: z.strictObject({
    applications: z
      .record(z.string().regex(/^[a-z0-9_-]+$/i), z.string().startsWith("arn:"))
      .default({})
      .describe("platform applications by name, such as apns: arn:aws:sns:…, for recipients such as apns:<token>"),
    deliveryStatus: z
      .boolean()
      .default(false)
      .describe(
        "whether SNS logs delivery status to CloudWatch, which Lambda or logGroups forward to Carillon; false: acceptance counts as delivery",
      ),
    logGroups: z
      .array(z.string().min(1))
      .default([])
      .describe("CloudWatch log groups that Carillon reads each minute, without Lambda: a group and its /Failure"),
  }),
  missing: ({ logGroups, deliveryStatus }) =>
    logGroups.length > 0 && !deliveryStatus ? ["deliveryStatus: is off, so receipts from logGroups would come too late: switch it on"] : [],
  states: snsStates,
  errors: [snsErrors, awsCommonErrors, platformReasons],
  create: async ({ name, channel }, { applications, deliveryStatus, logGroups }, { aws, sendTimeoutMs, clock }) => {
    const sdk = await import("@aws-sdk/client-sns");
    const common = awsClientOptions({ ...aws, sendTimeoutMs });
    const client = new sdk.SNSClient(common);
    const endpoints = createEndpoints(client, applications, sdk);
    const logs =
      logGroups.length > 0 ? (await import("./delivery-log-reader.js")).createDeliveryLogReader(common, logGroups, clock) : undefined;
    return {
      name,
      channel,
      send: async (command, { signal, note }): Promise<SendOutcome> => {
        const request = `SNS Publish to ${command.to}`;
        const refusal = endpoints.refusalOf(command.to);
        if (refusal !== undefined) return { kind: "permanent_failure", reason: "recipient_rejected", detail: refusal, notSent: true };
        const Message = await buildRequest(() => payloadOf(command));
        let errors = endpointErrors;
        try {
          const TargetArn = await endpoints.of(command.to, signal);
          errors = snsErrors;
          const publish = new sdk.PublishCommand({ TargetArn, MessageStructure: "json", Message });
          const answer = await client.send(publish, signal ? { abortSignal: signal } : {});
          note?.({ request, response: awsAnswerOf(answer) });
          const { MessageId: providerMessageId } = answer;
          if (deliveryStatus && providerMessageId) return { kind: "accepted", providerMessageId };
          return {
            kind: "delivered",
            providerMessageId: providerMessageId ?? null,
            detail: "accepted by SNS; no delivery status is logged",
          };
        } catch (error) {
          note?.({ request, response: awsAnswerOf(error) });
          return outcomeOfAwsError(error, errors);
        }
      },
      enable: endpoints.enable,
      ...(logs ? { receiptLog: logs.receiptLog } : {}),
      healthCheck: async () => {
        await client.send(new sdk.ListPlatformApplicationsCommand({}));
        return "SNS answers";
      },
      close: async () => {
        client.destroy();
        logs?.close();
      },
    };
  },
  callbacks: {
    expected: ({ deliveryStatus, logGroups }) => deliveryStatus && logGroups.length === 0,
    alternatives: "logGroups, by which no callbacks come",
    read: ({ json }) => readingsOf((Array.isArray(json) ? json : [json]).map((entry) => readingOf(() => readDeliveryLog(entry)))),
  },
  readers: { log: readLogLine },
});
