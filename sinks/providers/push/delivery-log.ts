import { z } from "zod";
import { ignored, type Readings, readingOf } from "../../../processors/reading.js";
import type { Receipt } from "../../../processors/receipt.js";
import { CarillonError } from "../../../schemas/errors.js";
import { textOf } from "../../../wire/decode-body.js";
import { parseJson } from "../../../wire/parse-json.js";
import { instantOf, type TimeForm } from "../../../wire/receipt-time.js";
import { mostCharacters, recipientsOf } from "../callback-fields.js";
import type { ErrorTable, FailureMeaning } from "../definition.js";
import type { ReceiptTable } from "../receipt-table.js";

/** Apple's and Google's answers to SNS. */
export const platformReasons: ErrorTable = {
  of: "answer of the device's platform",
  source: "APNs documentation, Handling notification responses; FCM documentation, Error codes",
  meanings: {
    BadDeviceToken: { kind: "permanent_failure", reason: "endpoint_disabled" },
    Unregistered: { kind: "permanent_failure", reason: "endpoint_disabled" },
    ExpiredToken: { kind: "permanent_failure", reason: "endpoint_disabled" },
    DeviceTokenNotForTopic: { kind: "permanent_failure", reason: "endpoint_disabled" },
    NotRegistered: { kind: "permanent_failure", reason: "endpoint_disabled" },
    InvalidRegistration: { kind: "permanent_failure", reason: "endpoint_disabled" },
    UNREGISTERED: { kind: "permanent_failure", reason: "endpoint_disabled" },
    MismatchSenderId: { kind: "temporary_failure", reason: "account_rejected" },
    SENDER_ID_MISMATCH: { kind: "temporary_failure", reason: "account_rejected" },
    // APNs refuses the application's certificate or key, or its topic
    BadCertificate: { kind: "temporary_failure", reason: "account_rejected" },
    BadCertificateEnvironment: { kind: "temporary_failure", reason: "account_rejected" },
    ExpiredProviderToken: { kind: "temporary_failure", reason: "account_rejected" },
    InvalidProviderToken: { kind: "temporary_failure", reason: "account_rejected" },
    MissingProviderToken: { kind: "temporary_failure", reason: "account_rejected" },
    UnrelatedKeyIdInToken: { kind: "temporary_failure", reason: "account_rejected" },
    BadEnvironmentKeyIdInToken: { kind: "temporary_failure", reason: "account_rejected" },
    BadTopic: { kind: "temporary_failure", reason: "account_rejected" },
    MissingTopic: { kind: "temporary_failure", reason: "account_rejected" },
    TopicDisallowed: { kind: "temporary_failure", reason: "account_rejected" },
    THIRD_PARTY_AUTH_ERROR: { kind: "temporary_failure", reason: "account_rejected" },
    PayloadTooLarge: { kind: "permanent_failure", reason: "content_too_large" },
    MessageTooBig: { kind: "permanent_failure", reason: "content_too_large" },
    INVALID_ARGUMENT: { kind: "permanent_failure", reason: "content_rejected" },
    TooManyRequests: { kind: "throttled", reason: "provider_throttled" },
    TooManyProviderTokenUpdates: { kind: "throttled", reason: "provider_throttled" },
    QUOTA_EXCEEDED: { kind: "throttled", reason: "provider_throttled" },
    InternalServerError: { kind: "temporary_failure", reason: "provider_unavailable" },
    ServiceUnavailable: { kind: "temporary_failure", reason: "provider_unavailable" },
    IdleTimeout: { kind: "temporary_failure", reason: "provider_unavailable" },
    Shutdown: { kind: "temporary_failure", reason: "provider_unavailable" },
    Unavailable: { kind: "temporary_failure", reason: "provider_unavailable" },
    UNAVAILABLE: { kind: "temporary_failure", reason: "provider_unavailable" },
    INTERNAL: { kind: "temporary_failure", reason: "provider_unavailable" },
  },
};

export const snsStates: ReceiptTable = {
  source: "SNS developer guide, Message delivery status",
  meanings: { SUCCESS: { event: "delivered" }, FAILURE: { event: "permanent_failure", reason: "recipient_rejected" } },
};

/** Source: SNS developer guide, Message delivery status, log entries of platform endpoints. */
const entry = z.object({
  status: z.enum(["SUCCESS", "FAILURE"]),
  notification: z.object({ messageId: z.string().min(1).max(mostCharacters), timestamp: z.string().optional() }),
  delivery: z
    .object({ statusCode: z.number().optional(), providerResponse: z.string().optional(), destination: z.string().optional() })
    .optional(),
});

/** `2026-01-26 23:07:39.54`, in UTC. */
const utc: TimeForm = { zone: "UTC", form: "auto" };

const meaningOf = (response: string | undefined, statusCode: number | undefined): FailureMeaning => {
  const word = Object.keys(platformReasons.meanings).find((known) => response?.includes(known));
  const known = word ? platformReasons.meanings[word] : undefined;
  if (known) return known;
  // without a status the platform did not answer, so the device is not at fault
  if (statusCode === undefined || statusCode >= 500) return { kind: "temporary_failure", reason: "provider_unavailable" };
  if (statusCode === 429) return { kind: "throttled", reason: "provider_throttled" };
  if (statusCode === 401 || statusCode === 403) return { kind: "temporary_failure", reason: "account_rejected" };
  // APNs: the device's token is no longer active for the topic
  if (statusCode === 410) return { kind: "permanent_failure", reason: "endpoint_disabled" };
  return { kind: "permanent_failure", reason: "recipient_rejected" };
};

const isEntry = (json: unknown): boolean => typeof json === "object" && json !== null && Object.hasOwn(json, "notification");

/** Parses one line of a log group. The group also contains lines other than delivery status. */
export const readLogLine = (line: Buffer): Readings => {
  const json = parseJson(textOf(line));
  return [isEntry(json) ? readingOf(() => readDeliveryLog(json)) : ignored("not_delivery_status")];
};

/** Parses one entry of SNS's delivery log. Throws CALLBACK_REFUSED if it is not an entry. */
export const readDeliveryLog = (json: unknown): Receipt => {
  const parsed = entry.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CarillonError("CALLBACK_REFUSED", `${issue?.path.join(".") || "entry"}: ${issue?.message}`, {
      fix: "send entries of SNS's delivery status log as they are",
    });
  }
  const { status, notification, delivery } = parsed.data;
  const atMs = instantOf(notification.timestamp, utc);
  const destination = delivery?.destination;
  const base = { providerMessageId: notification.messageId, ...(atMs ? { atMs } : {}), ...recipientsOf(destination) };
  if (status === "SUCCESS") return { ...base, event: "delivered" };
  const { kind, reason } = meaningOf(delivery?.providerResponse, delivery?.statusCode);
  const detail = `${delivery?.statusCode ?? ""} ${delivery?.providerResponse ?? ""}`.trim();
  return { ...base, event: kind, reason, ...(detail ? { detail } : {}) };
};
