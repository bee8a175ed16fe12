import {
  type DeadLetter,
  DeadLetterSchema,
  type DeliveryFeedback,
  DeliveryFeedbackSchema,
  type DispatchCommand,
  DispatchCommandSchema,
  type LineageEvent,
  LineageEventSchema,
  type MessageRequested,
  MessageRequestedSchema,
  type ProviderReceipt,
  ProviderReceiptSchema,
  type WebhookDelivery,
  WebhookDeliverySchema,
} from "./generated.js";
import { joinLineage, joinsLineage } from "./lineage-steps.js";

/** A kind of record: its Avro schema and the key that keeps its order. */
export interface RecordType<T> {
  readonly name: string;
  readonly schema: object;
  /** Records of one key keep their order. */
  key(value: T): string;
  /** Read by others, who have no keys of Carillon's: never encrypted. */
  readonly isPublic?: boolean;
  /** Written by others: a number out of range is for the checks to refuse, not for the codec. */
  readonly isForeign?: boolean;
  /** Present where one record can say what several say: what a run of stages emits leaves in as few as may be. */
  readonly join?: {
    /** Whether one record can say what both say. */
    fits(earlier: T, later: T): boolean;
    /** The one that says what all of these say. */
    all(values: readonly T[]): T;
  };
}

const recordType = <T>(
  schema: { readonly name: string },
  key: (value: T) => string,
  more: Partial<Pick<RecordType<T>, "join" | "isPublic" | "isForeign">> = {},
): RecordType<T> => ({ name: schema.name, schema, key, ...more });

const byRecipient = (value: { tenant: string; to: string }): string => `${value.tenant}:${value.to}`;

export const messageRequested = recordType<MessageRequested>(MessageRequestedSchema, byRecipient, { isForeign: true });
export const dispatchCommand = recordType<DispatchCommand>(DispatchCommandSchema, byRecipient);
export const providerReceipt = recordType<ProviderReceipt>(
  ProviderReceiptSchema,
  (receipt) => receipt.messageId ?? receipt.responseId ?? receipt.receiptId,
);
export const lineageEvent = recordType<LineageEvent>(LineageEventSchema, (event) => event.messageId, {
  join: { fits: joinsLineage, all: joinLineage },
});
export const deliveryFeedback = recordType<DeliveryFeedback>(DeliveryFeedbackSchema, (feedback) => feedback.tenant, { isPublic: true });
export const webhookDelivery = recordType<WebhookDelivery>(WebhookDeliverySchema, ({ feedback }) => feedback.feedbackId);
export const deadLetter = recordType<DeadLetter>(DeadLetterSchema, (letter) => letter.deadLetterId);
