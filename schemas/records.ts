import {
  type DeadLetter,
  DeadLetterSchema,
  type DeliveryFeedback,
  DeliveryFeedbackSchema,
  type DispatchCommand,
  DispatchCommandSchema,
  type FallbackEvent,
  FallbackEventSchema,
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
  /** Records with the same key keep their order. */
  key(value: T): string;
  /** Never encrypted, because readers without Carillon's keys read it. */
  readonly isPublic?: boolean;
  /** Written by others: the checks refuse a number out of range, not the codec. */
  readonly isForeign?: boolean;
  /** Present if one record can contain the content of several. Records emitted in a row are then joined into as few as possible. */
  readonly join?: {
    /** Whether one record can contain both. */
    fits(earlier: T, later: T): boolean;
    /** The record that contains all of these. */
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
  (receipt) => receipt.messageId ?? receipt.providerMessageId ?? receipt.receiptId,
);
export const lineageEvent = recordType<LineageEvent>(LineageEventSchema, (event) => event.messageId, {
  join: { fits: joinsLineage, all: joinLineage },
});
export const deliveryFeedback = recordType<DeliveryFeedback>(DeliveryFeedbackSchema, (feedback) => feedback.tenant, { isPublic: true });
/** The same for one tenant's own topic, which the key of the shared topic would leave in one partition. */
export const tenantFeedback = recordType<DeliveryFeedback>(DeliveryFeedbackSchema, (feedback) => feedback.messageId, { isPublic: true });
export const webhookDelivery = recordType<WebhookDelivery>(WebhookDeliverySchema, ({ feedback }) => feedback.feedbackId);
/** The events of a recipient keep their order, because the first one to meet or miss a condition decides. */
export const fallbackEvent = recordType<FallbackEvent>(FallbackEventSchema, ({ recipientId }) => recipientId);
export const deadLetter = recordType<DeadLetter>(DeadLetterSchema, (letter) => letter.deadLetterId);
