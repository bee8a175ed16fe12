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
} from "./generated.js";

/** A kind of record: its Avro schema and the key that keeps its order. */
export interface RecordType<T> {
  readonly name: string;
  readonly schema: object;
  /** Records of one key keep their order. */
  key(value: T): string;
}

const recordType = <T>(schema: { readonly name: string }, key: (value: T) => string): RecordType<T> => ({
  name: schema.name,
  schema,
  key,
});

const byRecipient = (value: { tenant: string; to: string }): string => `${value.tenant}:${value.to}`;

export const messageRequested = recordType<MessageRequested>(MessageRequestedSchema, byRecipient);
export const dispatchCommand = recordType<DispatchCommand>(DispatchCommandSchema, byRecipient);
export const providerReceipt = recordType<ProviderReceipt>(
  ProviderReceiptSchema,
  (receipt) => receipt.messageId ?? receipt.responseId ?? receipt.receiptId,
);
export const lineageEvent = recordType<LineageEvent>(LineageEventSchema, (event) => event.messageId);
export const deliveryFeedback = recordType<DeliveryFeedback>(DeliveryFeedbackSchema, (feedback) => feedback.tenant);
export const deadLetter = recordType<DeadLetter>(DeadLetterSchema, (letter) => letter.deadLetterId);
