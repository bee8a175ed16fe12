import { z } from "zod";
import { ignored, type Reading, receipt } from "../../../processors/reading.js";
import type { Receipt } from "../../../processors/receipt.js";
import { entryOf } from "../../../schemas/entry-of.js";
import { CarillonError } from "../../../schemas/errors.js";
import type { Reason } from "../../../schemas/reasons.js";
import { parseJson } from "../../../wire/parse-json.js";
import { instantOf } from "../../../wire/receipt-time.js";
import { mostCharacters } from "../callback-fields.js";
import type { ReceiptTable } from "../receipt-table.js";

const gone = { event: "permanent_failure", reason: "recipient_rejected" } as const;
const unavailable = { event: "temporary_failure", reason: "recipient_unavailable" } as const;
const contentRejected = { event: "permanent_failure", reason: "content_rejected" } as const;
const delayedBy = (reason: Reason) => ({ event: "delayed", reason }) as const;

/** Events by type, and by type and sub-type where the sub-type changes the meaning. */
export const sesStates: ReceiptTable = {
  source:
    "SES developer guide, Contents of event data that Amazon SES publishes to Amazon SNS: bounce types, complaint object, delivery delay types",
  meanings: {
    Send: { event: "accepted" },
    Delivery: { event: "delivered" },
    "Bounce Permanent": gone,
    "Bounce Permanent OnAccountSuppressionList": gone,
    "Bounce Permanent Suppressed": gone,
    "Bounce Transient": unavailable,
    "Bounce Transient MessageTooLarge": { event: "permanent_failure", reason: "content_too_large" },
    "Bounce Transient ContentRejected": contentRejected,
    "Bounce Transient AttachmentRejected": contentRejected,
    "Bounce Undetermined": unavailable,
    Complaint: { event: "complained", reason: "complained" },
    // SES accepted the mail and did not send it
    "Complaint OnAccountSuppressionList": gone,
    // not actual complaints: a recipient withdrew a complaint, or a receiver reports on authentication
    "Complaint not-spam": { event: "accepted" },
    "Complaint auth-failure": { event: "accepted" },
    DeliveryDelay: delayedBy("recipient_unavailable"),
    "DeliveryDelay InternalFailure": delayedBy("provider_unavailable"),
    "DeliveryDelay IPFailure": delayedBy("provider_unavailable"),
    "DeliveryDelay BYOIPHostNameLookupUnavailable": delayedBy("provider_unavailable"),
    "DeliveryDelay SendingDeferral": delayedBy("provider_throttled"),
    "DeliveryDelay SpamDetected": delayedBy("content_rejected"),
    Reject: contentRejected,
    "Rendering Failure": { event: "permanent_failure", reason: "template_failed" },
    Open: { event: "opened" },
    Click: { event: "clicked" },
    Subscription: { event: "accepted" },
  },
};

const recipients = z.array(
  z.object({ emailAddress: z.string().optional(), diagnosticCode: z.string().optional(), status: z.string().optional() }),
);

/** The format of SES. Notifications of an identity have notificationType; events of a configuration set have eventType. */
const eventShape = z.object({
  eventType: z.string().optional(),
  notificationType: z.string().optional(),
  mail: z.object({
    messageId: z.string().min(1).max(mostCharacters),
    tags: z.record(z.string(), z.array(z.string())).optional(),
    destination: z.array(z.string()).optional(),
  }),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string().optional(),
      timestamp: z.string().optional(),
      bouncedRecipients: recipients.optional(),
    })
    .optional(),
  complaint: z
    .object({
      complaintSubType: z.string().nullable().optional(),
      complaintFeedbackType: z.string().nullable().optional(),
      timestamp: z.string().optional(),
    })
    .optional(),
  delivery: z.object({ timestamp: z.string().optional(), smtpResponse: z.string().optional() }).optional(),
  reject: z.object({ reason: z.string().optional() }).optional(),
  open: z.object({ timestamp: z.string().optional() }).optional(),
  click: z.object({ timestamp: z.string().optional(), link: z.string().optional() }).optional(),
  failure: z.object({ errorMessage: z.string().optional() }).optional(),
  deliveryDelay: z.object({ delayType: z.string().optional(), timestamp: z.string().optional() }).optional(),
  subscription: z.object({ source: z.string().optional(), timestamp: z.string().optional() }).optional(),
});

type SesEvent = z.output<typeof eventShape>;

const detailOf = ({ bounce, complaint, delivery, reject, click, failure, deliveryDelay, subscription }: SesEvent): string | undefined => {
  const diagnosis = bounce?.bouncedRecipients?.find(({ diagnosticCode }) => diagnosticCode)?.diagnosticCode;
  return (
    (bounce && [bounce.bounceType, bounce.bounceSubType, diagnosis].filter(Boolean).join(" ")) ??
    (complaint && ([complaint.complaintSubType, complaint.complaintFeedbackType].filter(Boolean).join(" ") || undefined)) ??
    delivery?.smtpResponse ??
    reject?.reason ??
    click?.link ??
    failure?.errorMessage ??
    deliveryDelay?.delayType ??
    subscription?.source
  );
};

/** Events that can occur several times per mail are distinguished by their time. */
const repeats = new Set(["Open", "Click", "DeliveryDelay", "Complaint", "Subscription"]);

const timeOf = ({ bounce, complaint, delivery, open, click, deliveryDelay, subscription }: SesEvent): string | undefined =>
  [bounce, complaint, delivery, open, click, deliveryDelay, subscription].find((part) => part?.timestamp)?.timestamp;

/** Names of the event, most specific first. */
const namesOf = (type: string, { bounce, complaint, deliveryDelay }: SesEvent): readonly string[] => {
  switch (type) {
    case "Bounce": {
      const name = `Bounce ${bounce?.bounceType ?? "Undetermined"}`;
      return [`${name} ${bounce?.bounceSubType}`, name];
    }
    case "Complaint":
      return [`Complaint ${complaint?.complaintSubType}`, `Complaint ${complaint?.complaintFeedbackType}`, type];
    case "DeliveryDelay":
      return [`DeliveryDelay ${deliveryDelay?.delayType}`, type];
    default:
      return [type];
  }
};

const receiptOfEvent = (type: string, event: SesEvent): Receipt => {
  const { mail } = event;
  const names = namesOf(type, event);
  const known = names.map((name) => entryOf(sesStates.meanings, name)).find((meaning) => meaning !== undefined);
  const at = timeOf(event);
  const atMs = instantOf(at);
  const detail = detailOf(event);
  const messageId = mail.tags?.["carillon-message-id"]?.[0]?.slice(0, mostCharacters);
  const attempt = Number(mail.tags?.["carillon-attempt"]?.[0]);
  return {
    ...(known ?? { event: "accepted", unknownState: names.at(-1) ?? type }),
    providerMessageId: mail.messageId,
    // the tags identify the message even before the record of its send exists
    ...(messageId && Number.isSafeInteger(attempt) && attempt > 0 && attempt < 2 ** 31 ? { messageId, attempt } : {}),
    ...(mail.destination ? { recipients: mail.destination } : {}),
    ...(detail ? { detail } : {}),
    ...(atMs === undefined ? {} : { atMs }),
    ...(repeats.has(type) || !known ? { discriminator: `${type}:${at ?? ""}` } : {}),
  };
};

/** SES sends a greeting to a topic at its first use. Source: SES developer guide, Set up an Amazon SNS event destination. */
const isGreeting = (text: string): boolean => text.startsWith("Successfully validated SNS topic");

/** Types that do not concern a mail from Carillon. Source: SES developer guide, Amazon SNS notification contents. */
const unrelated = z.union([
  z.object({ notificationType: z.literal("AmazonSnsSubscriptionSucceeded") }).transform(() => "greeting" as const),
  z.object({ notificationType: z.literal("Received") }).transform(() => "inbound_message" as const),
]);

/** Parses a message from SES. Throws CALLBACK_REFUSED, naming the field, if it is not an event. */
export const readSesMessage = (text: string): Reading => {
  if (isGreeting(text)) return ignored("greeting");
  const json = parseJson(text);
  const left = unrelated.safeParse(json);
  return left.success ? ignored(left.data) : receipt(readSesEvent(json));
};

/** Parses one SES event. Throws CALLBACK_REFUSED, naming the field, if it is not an event. */
export const readSesEvent = (json: unknown): Receipt => {
  const parsed = eventShape.safeParse(json);
  const type = parsed.data?.eventType ?? parsed.data?.notificationType;
  if (!parsed.success || !type) {
    const [issue] = parsed.error?.issues ?? [];
    throw new CarillonError("CALLBACK_REFUSED", `${issue?.path.join(".") || "eventType"}: ${issue?.message ?? "is missing"}`, {
      fix: "send SES's events as they are, by SNS or straight",
    });
  }
  return receiptOfEvent(type, parsed.data);
};
