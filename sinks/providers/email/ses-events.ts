import { z } from "zod";
import type { Report } from "../../../processors/provider.js";
import { CarillonError } from "../../../schemas/errors.js";
import { parseJson } from "../../../schemas/parse-json.js";
import { mostCharacters } from "../callback-fields.js";
import type { ReceiptTable } from "../receipt-table.js";

export const sesStates: ReceiptTable = {
  source: "SES developer guide, Contents of event data that Amazon SES publishes to Amazon SNS",
  meanings: {
    Send: { event: "accepted" },
    Delivery: { event: "delivered" },
    DeliveryDelay: { event: "delayed", reason: "recipient_unavailable" },
    "Bounce Permanent": { event: "permanent_failure", reason: "recipient_rejected" },
    "Bounce Transient": { event: "temporary_failure", reason: "recipient_unavailable" },
    "Bounce Undetermined": { event: "temporary_failure", reason: "recipient_unavailable" },
    Reject: { event: "permanent_failure", reason: "content_rejected" },
    "Rendering Failure": { event: "permanent_failure", reason: "template_failed" },
    Complaint: { event: "complained", reason: "complained" },
    Open: { event: "opened" },
    Click: { event: "clicked" },
    Subscription: { event: "accepted" },
  },
};

const recipients = z.array(
  z.object({ emailAddress: z.string().optional(), diagnosticCode: z.string().optional(), status: z.string().optional() }),
);

/** As SES writes it; notifications of an identity say notificationType where events of a configuration set say eventType. */
const eventShape = z.object({
  eventType: z.string().optional(),
  notificationType: z.string().optional(),
  mail: z.object({
    messageId: z.string().min(1).max(mostCharacters),
    tags: z.record(z.string(), z.array(z.string())).optional(),
  }),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string().optional(),
      timestamp: z.string().optional(),
      bouncedRecipients: recipients.optional(),
    })
    .optional(),
  complaint: z.object({ complaintFeedbackType: z.string().optional(), timestamp: z.string().optional() }).optional(),
  delivery: z.object({ timestamp: z.string().optional(), smtpResponse: z.string().optional() }).optional(),
  reject: z.object({ reason: z.string().optional() }).optional(),
  open: z.object({ timestamp: z.string().optional() }).optional(),
  click: z.object({ timestamp: z.string().optional(), link: z.string().optional() }).optional(),
  failure: z.object({ errorMessage: z.string().optional() }).optional(),
  deliveryDelay: z.object({ delayType: z.string().optional(), timestamp: z.string().optional() }).optional(),
});

type SesEvent = z.output<typeof eventShape>;

const detailOf = ({ bounce, complaint, delivery, reject, click, failure, deliveryDelay }: SesEvent): string | undefined => {
  const diagnosis = bounce?.bouncedRecipients?.find(({ diagnosticCode }) => diagnosticCode)?.diagnosticCode;
  return (
    (bounce && [bounce.bounceType, bounce.bounceSubType, diagnosis].filter(Boolean).join(" ")) ??
    complaint?.complaintFeedbackType ??
    delivery?.smtpResponse ??
    reject?.reason ??
    click?.link ??
    failure?.errorMessage ??
    deliveryDelay?.delayType
  );
};

/** What can happen more than once to one mail is told apart by its time. */
const repeats = new Set(["Open", "Click", "DeliveryDelay", "Complaint", "Subscription"]);

const timeOf = ({ bounce, complaint, delivery, open, click, deliveryDelay }: SesEvent): string | undefined =>
  [bounce, complaint, delivery, open, click, deliveryDelay].find((part) => part?.timestamp)?.timestamp;

const reportOf = (type: string, event: SesEvent): Report => {
  const { bounce, mail } = event;
  const known = sesStates.meanings[type === "Bounce" ? `Bounce ${bounce?.bounceType ?? "Undetermined"}` : type];
  const at = timeOf(event);
  const atMs = Date.parse(at ?? "");
  const detail = detailOf(event);
  const messageId = mail.tags?.["carillon-message-id"]?.[0]?.slice(0, mostCharacters);
  const attempt = Number(mail.tags?.["carillon-attempt"]?.[0]);
  return {
    ...(known ?? { event: "accepted" }),
    responseId: mail.messageId,
    // the tags name the message even before its send's own record is there
    ...(messageId && Number.isSafeInteger(attempt) && attempt > 0 && attempt < 2 ** 31 ? { messageId, attempt } : {}),
    ...(detail ? { detail } : {}),
    ...(Number.isNaN(atMs) ? {} : { atMs }),
    ...(repeats.has(type) || !known ? { discriminator: `${type}:${at ?? ""}` } : {}),
  };
};

/** SES greets a topic when events are first sent there. Source: SES developer guide, Set up an Amazon SNS event destination. */
const isGreeting = (text: string): boolean => text.startsWith("Successfully validated SNS topic");

/** What a message of SES says; a greeting says nothing. Throws CALLBACK_REFUSED, naming the field, when it is neither. */
export const readSesMessage = (text: string): Report | undefined => (isGreeting(text) ? undefined : readSesEvent(parseJson(text)));

/** What one event of SES says. Throws CALLBACK_REFUSED, naming the field, when it is none. */
export const readSesEvent = (json: unknown): Report => {
  const parsed = eventShape.safeParse(json);
  const type = parsed.data?.eventType ?? parsed.data?.notificationType;
  if (!parsed.success || !type) {
    const [issue] = parsed.error?.issues ?? [];
    throw new CarillonError("CALLBACK_REFUSED", `${issue?.path.join(".") || "eventType"}: ${issue?.message ?? "is missing"}`, {
      fix: "send SES's events as they are, by SNS or straight",
    });
  }
  return reportOf(type, parsed.data);
};
