// Generated from the schema of a message by `npm run generate`. Do not edit.

import type { Variable } from "./variables.js";

export interface AttachmentInput {
  /** The name that the recipient sees. */
  readonly filename: string;
  /** The media type; application/octet-stream by default. */
  readonly contentType?: string | undefined;
  /** The file as bytes. */
  readonly content: string | Buffer;
  /** The id that the HTML part refers to (cid:…). */
  readonly contentId?: string | undefined;
}

/** The content; Carillon does not send parts of other channels. */
export interface ContentInput {
  /** Email: the subject. */
  readonly subject?: string | undefined;
  /** The plain text; the whole of an SMS. */
  readonly text?: string | undefined;
  /** Email: the HTML part. */
  readonly html?: string | undefined;
  /** Push: the title. */
  readonly title?: string | undefined;
  /** Push: data for the app. */
  readonly data?: Record<string, string> | undefined;
  /** Email: attached files. */
  readonly attachments?: AttachmentInput[] | undefined;
  /** Email: the addresses for replies. */
  readonly replyTo?: string | undefined;
  /** Email: the address that receives a POST to end the subscription (RFC 8058). */
  readonly unsubscribeUrl?: string | undefined;
}

/** What a sender writes; what is absent is left out. */
export interface MessageInput {
  /** The channel that sends the message. */
  readonly channel: string;
  /** The recipient. */
  readonly to: string;
  /** Critical: one-time passwords, alarms; high: someone is waiting; normal (default): other messages; bulk: campaigns. */
  readonly lane?: string | undefined;
  /** The content; Carillon does not send parts of other channels. */
  readonly content?: ContentInput | undefined;
  /** The name of a configured template. */
  readonly template?: string | undefined;
  /** The values for the template. */
  readonly variables?: Record<string, Variable> | undefined;
  /** The tenant that sends the message; the key's tenant by default. */
  readonly tenant?: string | undefined;
  /** A sender other than the configured one; the tenant must be allowed to use it. */
  readonly from?: string | undefined;
  /** Requests of a tenant with the same key are one message, until the message can no longer be sent and for 3 more days (delivery.stateRetentionMs). */
  readonly idempotencyKey?: string | undefined;
  /** The time before which the message is not sent. */
  readonly notBefore?: string | number | undefined;
  /** The time after which the message is not sent. */
  readonly expiresAt?: string | number | undefined;
  /** Returned in feedback; not part of the message. */
  readonly metadata?: Record<string, string> | undefined;
}

export interface FallbackInput {
  readonly channel: "email" | "sms" | "push";
  /** Send this step unless a message of an earlier step came that far. */
  readonly unless?: "accepted" | "delivered" | "acked" | "opened" | undefined;
  /** How long earlier steps have for that. */
  readonly afterMs?: number | undefined;
}

/** A user of the directory, instead of channel and to. */
export interface RecipientInput {
  /** The user's id. */
  readonly user: string;
  /** Channels in the order of preference: the first with a usable address is used. */
  readonly channels?: ("email" | "sms" | "push")[] | undefined;
  /** Channels that are tried one after the other. */
  readonly fallback?: FallbackInput[] | undefined;
}

/** What a sender writes to a user; what is absent is left out. */
export interface UserMessageInput {
  /** A user of the directory, instead of channel and to. */
  readonly recipient: RecipientInput;
  /** Critical: one-time passwords, alarms; high: someone is waiting; normal (default): other messages; bulk: campaigns. */
  readonly lane?: string | undefined;
  /** The content; Carillon does not send parts of other channels. */
  readonly content?: ContentInput | undefined;
  /** The name of a configured template. */
  readonly template?: string | undefined;
  /** The values for the template. */
  readonly variables?: Record<string, Variable> | undefined;
  /** The tenant that sends the message; the key's tenant by default. */
  readonly tenant?: string | undefined;
  /** A sender other than the configured one; the tenant must be allowed to use it. */
  readonly from?: string | undefined;
  /** Requests of a tenant with the same key are one message, until the message can no longer be sent and for 3 more days (delivery.stateRetentionMs). */
  readonly idempotencyKey?: string | undefined;
  /** The time before which the message is not sent. */
  readonly notBefore?: string | number | undefined;
  /** The time after which the message is not sent. */
  readonly expiresAt?: string | number | undefined;
  /** Returned in feedback; not part of the message. */
  readonly metadata?: Record<string, string> | undefined;
  /** The content by channel, where it differs from content. */
  readonly contents?: Partial<Record<"email" | "sms" | "push", ContentInput>> | undefined;
}

/** The channels' own limits and options. */
export interface ChannelLimits {
  /** Maximum number of parts of an SMS. */
  readonly smsSegments: number;
  /** Types of phone numbers that receive no SMS, from mobile, fixed_line, fixed_line_or_mobile, toll_free, premium_rate, shared_cost, voip, personal_number, pager, uan, voicemail. */
  readonly blockedNumberTypes: ("mobile" | "fixed_line" | "fixed_line_or_mobile" | "toll_free" | "premium_rate" | "shared_cost" | "voip" | "personal_number" | "pager" | "uan" | "voicemail")[];
  /** Maximum size of a push message in bytes, as the platforms count. */
  readonly pushBytes: number;
  /** Replace typographic characters (curly quotes, dashes, odd spaces) where that makes the whole text GSM-7, which needs fewer parts. */
  readonly smartEncoding?: boolean | undefined;
}
