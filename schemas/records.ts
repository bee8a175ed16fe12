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
import { mergeLineage } from "./lineage-steps.js";

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
  /** One record that says what both say, if there can be one: what a run of stages emits leaves in as few as may be. */
  merge?(earlier: T, later: T): T | undefined;
}

const recordType = <T>(
  schema: { readonly name: string },
  key: (value: T) => string,
  more: Partial<Pick<RecordType<T>, "merge" | "isPublic" | "isForeign">> = {},
): RecordType<T> => ({ name: schema.name, schema, key, ...more });

const byRecipient = (value: { tenant: string; to: string }): string => `${value.tenant}:${value.to}`;

export const messageRequested = recordType<MessageRequested>(MessageRequestedSchema, byRecipient, { isForeign: true });
export const dispatchCommand = recordType<DispatchCommand>(DispatchCommandSchema, byRecipient);
export const providerReceipt = recordType<ProviderReceipt>(
  ProviderReceiptSchema,
  (receipt) => receipt.messageId ?? receipt.responseId ?? receipt.receiptId,
);
export const lineageEvent = recordType<LineageEvent>(LineageEventSchema, (event) => event.messageId, { merge: mergeLineage });
export const deliveryFeedback = recordType<DeliveryFeedback>(DeliveryFeedbackSchema, (feedback) => feedback.tenant, { isPublic: true });
export const webhookDelivery = recordType<WebhookDelivery>(WebhookDeliverySchema, ({ feedback }) => feedback.feedbackId);
export const deadLetter = recordType<DeadLetter>(DeadLetterSchema, (letter) => letter.deadLetterId);
