// Generated from the *.avsc files by `npm run generate`. Do not edit.

/** A record that no stage could process, unchanged. */
export interface DeadLetter {
  /** Topic, partition and offset of the record. */
  readonly deadLetterId: string;
  /** Topic of the record. */
  readonly topic: string;
  /** Partition of the record. */
  readonly partition: number;
  /** Offset of the record. */
  readonly offset: number;
  /** Key of the record. */
  readonly key: null | Buffer;
  /** Value of the record, byte for byte. */
  readonly value: null | Buffer;
  /** Headers of the record. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Timestamp of the record, in milliseconds since 1970 UTC. */
  readonly timestamp: number;
  /** The stage that failed. */
  readonly stage: string;
  /** Code of the error. */
  readonly errorCode: string;
  /** Message of the error. */
  readonly errorMessage: string;
  /** Time of the failure, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** Name of the process. */
  readonly instance: string;
}

export const FeedbackKindSymbols = ["final", "engagement"] as const;
export type FeedbackKind = (typeof FeedbackKindSymbols)[number];

/** The final status of a message, or the engagement of its recipient, for the sender. */
export interface DeliveryFeedback {
  /** Id of the feedback. Repeated feedback has the same id. */
  readonly feedbackId: string;
  /** Id of the message. */
  readonly messageId: string;
  /** Tenant of the message. */
  readonly tenant: string;
  /** Channel of the message. */
  readonly channel: string;
  /** Lane of the message. */
  readonly lane: string;
  /** final: the final status. engagement: an action of the recipient, or a conflicting duplicate request. */
  readonly kind: FeedbackKind;
  /** delivered, failed, expired, suppressed or cancelled; or opened, clicked or complained; or duplicate. */
  readonly status: string;
  /** Code of the reason; null if there is none. */
  readonly reason: null | string;
  /** Number of attempts made. */
  readonly attempt: number;
  /** Name of the last provider. */
  readonly provider: null | string;
  /** Id of the message at the provider. */
  readonly providerMessageId: null | string;
  /** The idempotency key of the request. */
  readonly idempotencyKey: null | string;
  /** The metadata of the request. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The recipient, if it must not receive further messages; otherwise null. */
  readonly to: null | string;
  /** Time of the event, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** W3C traceparent of the message. */
  readonly traceparent: null | string;
  /** W3C tracestate that belongs to the traceparent. */
  readonly tracestate: null | string;
}

export const ChannelSymbols = ["email", "sms", "push"] as const;
export type Channel = (typeof ChannelSymbols)[number];

export const LaneSymbols = ["critical", "high", "normal", "bulk"] as const;
export type Lane = (typeof LaneSymbols)[number];

/** A file attached to an email. */
export interface Attachment {
  /** Name of the file. */
  readonly filename: string;
  /** Media type of the file. */
  readonly contentType: string;
  /** Content of the file. */
  readonly content: Buffer;
  /** Id by which the HTML part refers to the file (cid:…). */
  readonly contentId: null | string;
}

/** The content of a message. */
export interface Content {
  /** The subject. */
  readonly subject: null | string;
  /** The plain text; the whole of an SMS. */
  readonly text: null | string;
  /** The HTML part. */
  readonly html: null | string;
  /** The title. */
  readonly title: null | string;
  /** Data for the app. */
  readonly data: Readonly<Record<string, string>>;
  /** Attached files. */
  readonly attachments: readonly (Attachment)[];
  /** The addresses for replies. */
  readonly replyTo: null | string;
  /** The address that receives a POST to end the subscription (RFC 8058). */
  readonly unsubscribeUrl: null | string;
}

/** The place of a message in a plan of steps, of which later ones are sent if earlier ones do not arrive. */
export interface FallbackPlace {
  /** Id of the recipient: the same in all messages of the plan. */
  readonly recipientId: string;
  /** Number of the step that the message belongs to, from 1. */
  readonly step: number;
  /** The least condition of a later step: accepted, delivered, acked or opened; null: no step follows. */
  readonly unless: null | string;
  /** Time by which the last step is due, in milliseconds since 1970 UTC. */
  readonly untilMs: number;
  /** Why the step was sent: overdue or failed; null: it is the first. */
  readonly why: null | string;
}

/** One attempt to send one message. */
export interface DispatchCommand {
  /** Id of the message. */
  readonly messageId: string;
  /** Tenant of the message. */
  readonly tenant: string;
  /** Channel of the message. */
  readonly channel: Channel;
  /** Lane of the message. */
  readonly lane: Lane;
  /** Email address, phone number in E.164 form, or device endpoint. */
  readonly to: string;
  /** Sender of the message. */
  readonly from: null | string;
  /** The rendered content. */
  readonly content: Content;
  /** The metadata of the request, which returns in feedback. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The idempotency key of the request. */
  readonly idempotencyKey: null | string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Time of acceptance, in milliseconds since 1970 UTC. */
  readonly acceptedAt: number;
  /** Time after which the message is not sent, in milliseconds since 1970 UTC. */
  readonly expiresAt: number;
  /** Number of parts of an SMS; 0 for other channels. */
  readonly segments: number;
  /** W3C traceparent of the message. */
  readonly traceparent: string;
  /** The chosen provider; null before the choice. */
  readonly provider: null | string;
  /** Providers that failed since the last retry. Others are tried first. */
  readonly tried: readonly (string)[];
  /** The requested time of the first attempt, in milliseconds since 1970 UTC; null: immediately. */
  readonly notBefore: null | number;
  /** W3C tracestate that belongs to the traceparent. */
  readonly tracestate: null | string;
  /** The place in a plan of steps; null: the message is not part of one. */
  readonly fallback: null | FallbackPlace;
}

export const FallbackKindSymbols = ["planned", "progress", "due"] as const;
export type FallbackKind = (typeof FallbackKindSymbols)[number];

/** A request to send a message. Channel and lane are strings, so that Carillon can reject a wrong value with a reason. */
export interface MessageRequested {
  /** Id of the message. Empty: derived from tenant and idempotencyKey, or from the position of the record. */
  readonly id: string;
  /** Tenant of the message. */
  readonly tenant: string;
  /** Name of the channel. */
  readonly channel: string;
  /** Email address, phone number in E.164 form, or device endpoint. */
  readonly to: string;
  /** critical, high, normal or bulk; null: the lane of the topic. */
  readonly lane: null | string;
  /** The content. It may be empty if a template is given. */
  readonly content: Content;
  /** Name of a configured template. */
  readonly template: null | string;
  /** Values for the template. */
  readonly variables: Readonly<Record<string, null | boolean | number | string>>;
  /** Data that returns in feedback and is never sent. */
  readonly metadata: Readonly<Record<string, string>>;
  /** A sender other than the configured one. */
  readonly from: null | string;
  /** All requests of a tenant with the same key are one message. */
  readonly idempotencyKey: null | string;
  /** Time before which the message is not sent, in milliseconds since 1970 UTC. */
  readonly notBefore: null | number;
  /** Time after which the message is not sent, in milliseconds since 1970 UTC. */
  readonly expiresAt: null | number;
  /** Time of acceptance, in milliseconds since 1970 UTC; 0: the timestamp of the record. */
  readonly acceptedAt: number;
  /** W3C traceparent of the message. */
  readonly traceparent: null | string;
  /** W3C tracestate that belongs to the traceparent. */
  readonly tracestate: null | string;
  /** Lists and maps among the variables, as one JSON object. They replace variables of the same name. */
  readonly variablesJson: null | string;
  /** Id of the user of the directory that the message is for. */
  readonly user: null | string;
  /** The place in a plan of steps; null: the message is not part of one. */
  readonly fallback: null | FallbackPlace;
}

/** Messages that are sent together. */
export interface FallbackStep {
  /** The step is sent unless a message of an earlier step came that far; null: it is the first. */
  readonly unless: null | string;
  /** How long earlier steps have for that, in milliseconds. */
  readonly afterMs: number;
  /** Ids of the messages of the step. */
  readonly messageIds: readonly (string)[];
  /** The requests of a step that is not sent yet. */
  readonly requests: readonly (MessageRequested)[];
}

/** A plan of steps for a recipient, or an event that may decide its next step. */
export interface FallbackEvent {
  /** Id of the recipient. */
  readonly recipientId: string;
  /** Tenant of the messages. */
  readonly tenant: string;
  /** planned: the first step was accepted. progress: a message came further, or ended. due: the time of a step is over. */
  readonly kind: FallbackKind;
  /** progress: number of the step of the message. due: of the step to send. */
  readonly step: number;
  /** progress: id of the message. */
  readonly messageId: null | string;
  /** progress: accepted, delivered, acked, opened, failed or cancelled. */
  readonly reached: null | string;
  /** Time of the event, in milliseconds since 1970 UTC. planned: when the first step is due. */
  readonly at: number;
  /** Time by which the last step is due, in milliseconds since 1970 UTC. */
  readonly untilMs: number;
  /** planned: id of the user of the directory. */
  readonly user: null | string;
  /** planned: all steps, in their order. */
  readonly steps: readonly (FallbackStep)[];
}

export const StageNameSymbols = ["accept", "validate", "enrich", "route", "dispatch", "response_handle", "retry", "feedback", "expire_listener", "dead_letter", "webhook", "erase"] as const;
export type StageName = (typeof StageNameSymbols)[number];

export const StatusSymbols = ["accepted", "validated", "enriched", "queued", "dispatched", "delivered", "failed", "expired", "suppressed", "cancelled"] as const;
export type Status = (typeof StatusSymbols)[number];

/** A further step of the same message. */
export interface LineageStep {
  /** Id of the step. A repeated step has the same id. */
  readonly eventId: string;
  /** The stage. */
  readonly stage: StageName;
  /** Outcome of the stage. */
  readonly outcome: string;
  /** The status that the message reaches with this step. */
  readonly status: null | Status;
  /** Code of the reason; null if there is none. */
  readonly reason: null | string;
  /** Number of the attempt; 0 before the first one. */
  readonly attempt: number;
  /** Time of the step, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** Name of the provider. */
  readonly provider: null | string;
  /** The recipient, in the first step of a message. */
  readonly to: null | string;
  /** Further details, as texts. */
  readonly details: Readonly<Record<string, string>>;
}

/** The steps of one message in one run of stages: a first step, and those after it. */
export interface LineageEvent {
  /** Id of the step. A repeated step has the same id. */
  readonly eventId: string;
  /** Id of the message. */
  readonly messageId: string;
  /** Tenant of the message. */
  readonly tenant: string;
  /** The requested channel, even if unknown. */
  readonly channel: string;
  /** The requested lane, even if unknown. */
  readonly lane: string;
  /** The stage. */
  readonly stage: StageName;
  /** Outcome of the stage. */
  readonly outcome: string;
  /** The status that the message reaches with this step. */
  readonly status: null | Status;
  /** Code of the reason; null if there is none. */
  readonly reason: null | string;
  /** Number of the attempt; 0 before the first one. */
  readonly attempt: number;
  /** Time of the step, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** Name of the process. */
  readonly instance: string;
  /** Name of the provider. */
  readonly provider: null | string;
  /** The recipient, in the first step of a message. */
  readonly to: null | string;
  /** Further details, as texts. */
  readonly details: Readonly<Record<string, string>>;
  /** The steps after the first one, in order. */
  readonly also: readonly (LineageStep)[];
}

export const ReceiptEventSymbols = ["accepted", "delayed", "delivered", "permanent_failure", "temporary_failure", "throttled", "ambiguous", "no_receipt", "complained", "opened", "clicked"] as const;
export type ReceiptEvent = (typeof ReceiptEventSymbols)[number];

/** The outcome of an attempt as its provider reports it, or a receipt that did not arrive by its deadline. */
export interface ProviderReceipt {
  /** Id of the receipt. A repeated receipt has the same id. */
  readonly receiptId: string;
  /** Channel of the message. */
  readonly channel: Channel;
  /** Name of the provider. */
  readonly provider: string;
  /** Id of the message, if the provider reports it. */
  readonly messageId: null | string;
  /** Number of the attempt, if known. */
  readonly attempt: null | number;
  /** Id of the message at the provider. */
  readonly providerMessageId: null | string;
  /** The reported event. */
  readonly event: ReceiptEvent;
  /** Code of the reason; null if there is none. */
  readonly reason: null | string;
  /** Text of the provider. */
  readonly detail: null | string;
  /** Minimum delay before the next attempt, in milliseconds. */
  readonly retryAfterMs: null | number;
  /** Time of the event, in milliseconds since 1970 UTC. */
  readonly at: number;
  /** Number of times that the receipt waited for the record of its send. */
  readonly waits: number;
  /** Recipients in the receipt; empty if it contains none. */
  readonly recipients: readonly (string)[];
}

/** One attempt to deliver feedback to a tenant's webhook. */
export interface WebhookDelivery {
  /** The feedback. */
  readonly feedback: DeliveryFeedback;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Time at which the delivery began, in milliseconds since 1970 UTC. */
  readonly firstAt: number;
}

export const DeadLetterSchema = {
  "type": "record",
  "name": "DeadLetter",
  "namespace": "carillon",
  "doc": "A record that no stage could process, unchanged.",
  "fields": [
    {
      "name": "deadLetterId",
      "type": "string",
      "doc": "Topic, partition and offset of the record."
    },
    {
      "name": "topic",
      "type": "string",
      "doc": "Topic of the record."
    },
    {
      "name": "partition",
      "type": "int",
      "doc": "Partition of the record."
    },
    {
      "name": "offset",
      "type": "long",
      "doc": "Offset of the record."
    },
    {
      "name": "key",
      "type": [
        "null",
        "bytes"
      ],
      "doc": "Key of the record.",
      "default": null
    },
    {
      "name": "value",
      "type": [
        "null",
        "bytes"
      ],
      "doc": "Value of the record, byte for byte.",
      "default": null
    },
    {
      "name": "headers",
      "type": {
        "type": "map",
        "values": "bytes"
      },
      "doc": "Headers of the record.",
      "default": {}
    },
    {
      "name": "timestamp",
      "type": "long",
      "doc": "Timestamp of the record, in milliseconds since 1970 UTC."
    },
    {
      "name": "stage",
      "type": "string",
      "doc": "The stage that failed."
    },
    {
      "name": "errorCode",
      "type": "string",
      "doc": "Code of the error."
    },
    {
      "name": "errorMessage",
      "type": "string",
      "doc": "Message of the error."
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Time of the failure, in milliseconds since 1970 UTC."
    },
    {
      "name": "instance",
      "type": "string",
      "doc": "Name of the process."
    }
  ]
} as const;

export const DeliveryFeedbackSchema = {
  "type": "record",
  "name": "DeliveryFeedback",
  "namespace": "carillon",
  "doc": "The final status of a message, or the engagement of its recipient, for the sender.",
  "fields": [
    {
      "name": "feedbackId",
      "type": "string",
      "doc": "Id of the feedback. Repeated feedback has the same id."
    },
    {
      "name": "messageId",
      "type": "string",
      "doc": "Id of the message."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Tenant of the message."
    },
    {
      "name": "channel",
      "type": "string",
      "doc": "Channel of the message."
    },
    {
      "name": "lane",
      "type": "string",
      "doc": "Lane of the message."
    },
    {
      "name": "kind",
      "type": {
        "type": "enum",
        "name": "FeedbackKind",
        "symbols": [
          "final",
          "engagement"
        ]
      },
      "doc": "final: the final status. engagement: an action of the recipient, or a conflicting duplicate request."
    },
    {
      "name": "status",
      "type": "string",
      "doc": "delivered, failed, expired, suppressed or cancelled; or opened, clicked or complained; or duplicate."
    },
    {
      "name": "reason",
      "type": [
        "null",
        "string"
      ],
      "doc": "Code of the reason; null if there is none.",
      "default": null
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "Number of attempts made."
    },
    {
      "name": "provider",
      "type": [
        "null",
        "string"
      ],
      "doc": "Name of the last provider.",
      "default": null
    },
    {
      "name": "providerMessageId",
      "aliases": [
        "responseId"
      ],
      "type": [
        "null",
        "string"
      ],
      "doc": "Id of the message at the provider.",
      "default": null
    },
    {
      "name": "idempotencyKey",
      "type": [
        "null",
        "string"
      ],
      "doc": "The idempotency key of the request.",
      "default": null
    },
    {
      "name": "metadata",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "The metadata of the request.",
      "default": {}
    },
    {
      "name": "to",
      "type": [
        "null",
        "string"
      ],
      "doc": "The recipient, if it must not receive further messages; otherwise null.",
      "default": null
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Time of the event, in milliseconds since 1970 UTC."
    },
    {
      "name": "traceparent",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C traceparent of the message.",
      "default": null
    },
    {
      "name": "tracestate",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C tracestate that belongs to the traceparent.",
      "default": null
    }
  ]
} as const;

export const DispatchCommandSchema = {
  "type": "record",
  "name": "DispatchCommand",
  "namespace": "carillon",
  "doc": "One attempt to send one message.",
  "fields": [
    {
      "name": "messageId",
      "type": "string",
      "doc": "Id of the message."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Tenant of the message."
    },
    {
      "name": "channel",
      "type": {
        "type": "enum",
        "name": "Channel",
        "symbols": [
          "email",
          "sms",
          "push"
        ]
      },
      "doc": "Channel of the message."
    },
    {
      "name": "lane",
      "type": {
        "type": "enum",
        "name": "Lane",
        "symbols": [
          "critical",
          "high",
          "normal",
          "bulk"
        ]
      },
      "doc": "Lane of the message."
    },
    {
      "name": "to",
      "type": "string",
      "doc": "Email address, phone number in E.164 form, or device endpoint."
    },
    {
      "name": "from",
      "type": [
        "null",
        "string"
      ],
      "doc": "Sender of the message.",
      "default": null
    },
    {
      "name": "content",
      "type": {
        "type": "record",
        "name": "Content",
        "doc": "The content of a message.",
        "fields": [
          {
            "name": "subject",
            "type": [
              "null",
              "string"
            ],
            "doc": "The subject.",
            "default": null
          },
          {
            "name": "text",
            "type": [
              "null",
              "string"
            ],
            "doc": "The plain text; the whole of an SMS.",
            "default": null
          },
          {
            "name": "html",
            "type": [
              "null",
              "string"
            ],
            "doc": "The HTML part.",
            "default": null
          },
          {
            "name": "title",
            "type": [
              "null",
              "string"
            ],
            "doc": "The title.",
            "default": null
          },
          {
            "name": "data",
            "type": {
              "type": "map",
              "values": "string"
            },
            "doc": "Data for the app.",
            "default": {}
          },
          {
            "name": "attachments",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Attachment",
                "doc": "A file attached to an email.",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string",
                    "doc": "Name of the file."
                  },
                  {
                    "name": "contentType",
                    "type": "string",
                    "doc": "Media type of the file."
                  },
                  {
                    "name": "content",
                    "type": "bytes",
                    "doc": "Content of the file."
                  },
                  {
                    "name": "contentId",
                    "type": [
                      "null",
                      "string"
                    ],
                    "doc": "Id by which the HTML part refers to the file (cid:…).",
                    "default": null
                  }
                ]
              }
            },
            "doc": "Attached files.",
            "default": []
          },
          {
            "name": "replyTo",
            "type": [
              "null",
              "string"
            ],
            "doc": "The addresses for replies.",
            "default": null
          },
          {
            "name": "unsubscribeUrl",
            "type": [
              "null",
              "string"
            ],
            "doc": "The address that receives a POST to end the subscription (RFC 8058).",
            "default": null
          }
        ]
      },
      "doc": "The rendered content."
    },
    {
      "name": "metadata",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "The metadata of the request, which returns in feedback.",
      "default": {}
    },
    {
      "name": "idempotencyKey",
      "type": [
        "null",
        "string"
      ],
      "doc": "The idempotency key of the request.",
      "default": null
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "Number of the attempt, from 1."
    },
    {
      "name": "acceptedAt",
      "type": "long",
      "doc": "Time of acceptance, in milliseconds since 1970 UTC."
    },
    {
      "name": "expiresAt",
      "type": "long",
      "doc": "Time after which the message is not sent, in milliseconds since 1970 UTC."
    },
    {
      "name": "segments",
      "type": "int",
      "doc": "Number of parts of an SMS; 0 for other channels.",
      "default": 0
    },
    {
      "name": "traceparent",
      "type": "string",
      "doc": "W3C traceparent of the message."
    },
    {
      "name": "provider",
      "type": [
        "null",
        "string"
      ],
      "doc": "The chosen provider; null before the choice.",
      "default": null
    },
    {
      "name": "tried",
      "type": {
        "type": "array",
        "items": "string"
      },
      "doc": "Providers that failed since the last retry. Others are tried first.",
      "default": []
    },
    {
      "name": "notBefore",
      "type": [
        "null",
        "long"
      ],
      "doc": "The requested time of the first attempt, in milliseconds since 1970 UTC; null: immediately.",
      "default": null
    },
    {
      "name": "tracestate",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C tracestate that belongs to the traceparent.",
      "default": null
    },
    {
      "name": "fallback",
      "type": [
        "null",
        {
          "type": "record",
          "name": "FallbackPlace",
          "namespace": "carillon",
          "doc": "The place of a message in a plan of steps, of which later ones are sent if earlier ones do not arrive.",
          "fields": [
            {
              "name": "recipientId",
              "type": "string",
              "doc": "Id of the recipient: the same in all messages of the plan."
            },
            {
              "name": "step",
              "type": "int",
              "doc": "Number of the step that the message belongs to, from 1."
            },
            {
              "name": "unless",
              "type": [
                "null",
                "string"
              ],
              "doc": "The least condition of a later step: accepted, delivered, acked or opened; null: no step follows.",
              "default": null
            },
            {
              "name": "untilMs",
              "type": "long",
              "doc": "Time by which the last step is due, in milliseconds since 1970 UTC.",
              "default": 0
            },
            {
              "name": "why",
              "type": [
                "null",
                "string"
              ],
              "doc": "Why the step was sent: overdue or failed; null: it is the first.",
              "default": null
            }
          ]
        }
      ],
      "doc": "The place in a plan of steps; null: the message is not part of one.",
      "default": null
    }
  ]
} as const;

export const FallbackEventSchema = {
  "type": "record",
  "name": "FallbackEvent",
  "namespace": "carillon",
  "doc": "A plan of steps for a recipient, or an event that may decide its next step.",
  "fields": [
    {
      "name": "recipientId",
      "type": "string",
      "doc": "Id of the recipient."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Tenant of the messages."
    },
    {
      "name": "kind",
      "type": {
        "type": "enum",
        "name": "FallbackKind",
        "symbols": [
          "planned",
          "progress",
          "due"
        ]
      },
      "doc": "planned: the first step was accepted. progress: a message came further, or ended. due: the time of a step is over."
    },
    {
      "name": "step",
      "type": "int",
      "doc": "progress: number of the step of the message. due: of the step to send.",
      "default": 1
    },
    {
      "name": "messageId",
      "type": [
        "null",
        "string"
      ],
      "doc": "progress: id of the message.",
      "default": null
    },
    {
      "name": "reached",
      "type": [
        "null",
        "string"
      ],
      "doc": "progress: accepted, delivered, acked, opened, failed or cancelled.",
      "default": null
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Time of the event, in milliseconds since 1970 UTC. planned: when the first step is due."
    },
    {
      "name": "untilMs",
      "type": "long",
      "doc": "Time by which the last step is due, in milliseconds since 1970 UTC."
    },
    {
      "name": "user",
      "type": [
        "null",
        "string"
      ],
      "doc": "planned: id of the user of the directory.",
      "default": null
    },
    {
      "name": "steps",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "FallbackStep",
          "doc": "Messages that are sent together.",
          "fields": [
            {
              "name": "unless",
              "type": [
                "null",
                "string"
              ],
              "doc": "The step is sent unless a message of an earlier step came that far; null: it is the first.",
              "default": null
            },
            {
              "name": "afterMs",
              "type": "long",
              "doc": "How long earlier steps have for that, in milliseconds.",
              "default": 0
            },
            {
              "name": "messageIds",
              "type": {
                "type": "array",
                "items": "string"
              },
              "doc": "Ids of the messages of the step.",
              "default": []
            },
            {
              "name": "requests",
              "type": {
                "type": "array",
                "items": {
                  "type": "record",
                  "name": "MessageRequested",
                  "namespace": "carillon",
                  "doc": "A request to send a message. Channel and lane are strings, so that Carillon can reject a wrong value with a reason.",
                  "fields": [
                    {
                      "name": "id",
                      "type": "string",
                      "doc": "Id of the message. Empty: derived from tenant and idempotencyKey, or from the position of the record.",
                      "default": ""
                    },
                    {
                      "name": "tenant",
                      "type": "string",
                      "doc": "Tenant of the message."
                    },
                    {
                      "name": "channel",
                      "type": "string",
                      "doc": "Name of the channel."
                    },
                    {
                      "name": "to",
                      "type": "string",
                      "doc": "Email address, phone number in E.164 form, or device endpoint."
                    },
                    {
                      "name": "lane",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "critical, high, normal or bulk; null: the lane of the topic.",
                      "default": null
                    },
                    {
                      "name": "content",
                      "type": {
                        "type": "record",
                        "name": "Content",
                        "doc": "The content of a message.",
                        "fields": [
                          {
                            "name": "subject",
                            "type": [
                              "null",
                              "string"
                            ],
                            "doc": "The subject.",
                            "default": null
                          },
                          {
                            "name": "text",
                            "type": [
                              "null",
                              "string"
                            ],
                            "doc": "The plain text; the whole of an SMS.",
                            "default": null
                          },
                          {
                            "name": "html",
                            "type": [
                              "null",
                              "string"
                            ],
                            "doc": "The HTML part.",
                            "default": null
                          },
                          {
                            "name": "title",
                            "type": [
                              "null",
                              "string"
                            ],
                            "doc": "The title.",
                            "default": null
                          },
                          {
                            "name": "data",
                            "type": {
                              "type": "map",
                              "values": "string"
                            },
                            "doc": "Data for the app.",
                            "default": {}
                          },
                          {
                            "name": "attachments",
                            "type": {
                              "type": "array",
                              "items": {
                                "type": "record",
                                "name": "Attachment",
                                "doc": "A file attached to an email.",
                                "fields": [
                                  {
                                    "name": "filename",
                                    "type": "string",
                                    "doc": "Name of the file."
                                  },
                                  {
                                    "name": "contentType",
                                    "type": "string",
                                    "doc": "Media type of the file."
                                  },
                                  {
                                    "name": "content",
                                    "type": "bytes",
                                    "doc": "Content of the file."
                                  },
                                  {
                                    "name": "contentId",
                                    "type": [
                                      "null",
                                      "string"
                                    ],
                                    "doc": "Id by which the HTML part refers to the file (cid:…).",
                                    "default": null
                                  }
                                ]
                              }
                            },
                            "doc": "Attached files.",
                            "default": []
                          },
                          {
                            "name": "replyTo",
                            "type": [
                              "null",
                              "string"
                            ],
                            "doc": "The addresses for replies.",
                            "default": null
                          },
                          {
                            "name": "unsubscribeUrl",
                            "type": [
                              "null",
                              "string"
                            ],
                            "doc": "The address that receives a POST to end the subscription (RFC 8058).",
                            "default": null
                          }
                        ]
                      },
                      "doc": "The content. It may be empty if a template is given.",
                      "default": {
                        "subject": null,
                        "text": null,
                        "html": null,
                        "title": null,
                        "data": {},
                        "attachments": [],
                        "replyTo": null,
                        "unsubscribeUrl": null
                      }
                    },
                    {
                      "name": "template",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "Name of a configured template.",
                      "default": null
                    },
                    {
                      "name": "variables",
                      "type": {
                        "type": "map",
                        "values": [
                          "null",
                          "boolean",
                          "double",
                          "string"
                        ]
                      },
                      "doc": "Values for the template.",
                      "default": {}
                    },
                    {
                      "name": "metadata",
                      "type": {
                        "type": "map",
                        "values": "string"
                      },
                      "doc": "Data that returns in feedback and is never sent.",
                      "default": {}
                    },
                    {
                      "name": "from",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "A sender other than the configured one.",
                      "default": null
                    },
                    {
                      "name": "idempotencyKey",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "All requests of a tenant with the same key are one message.",
                      "default": null
                    },
                    {
                      "name": "notBefore",
                      "type": [
                        "null",
                        "long"
                      ],
                      "doc": "Time before which the message is not sent, in milliseconds since 1970 UTC.",
                      "default": null
                    },
                    {
                      "name": "expiresAt",
                      "type": [
                        "null",
                        "long"
                      ],
                      "doc": "Time after which the message is not sent, in milliseconds since 1970 UTC.",
                      "default": null
                    },
                    {
                      "name": "acceptedAt",
                      "type": "long",
                      "doc": "Time of acceptance, in milliseconds since 1970 UTC; 0: the timestamp of the record.",
                      "default": 0
                    },
                    {
                      "name": "traceparent",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "W3C traceparent of the message.",
                      "default": null
                    },
                    {
                      "name": "tracestate",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "W3C tracestate that belongs to the traceparent.",
                      "default": null
                    },
                    {
                      "name": "variablesJson",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "Lists and maps among the variables, as one JSON object. They replace variables of the same name.",
                      "default": null
                    },
                    {
                      "name": "user",
                      "type": [
                        "null",
                        "string"
                      ],
                      "doc": "Id of the user of the directory that the message is for.",
                      "default": null
                    },
                    {
                      "name": "fallback",
                      "type": [
                        "null",
                        {
                          "type": "record",
                          "name": "FallbackPlace",
                          "namespace": "carillon",
                          "doc": "The place of a message in a plan of steps, of which later ones are sent if earlier ones do not arrive.",
                          "fields": [
                            {
                              "name": "recipientId",
                              "type": "string",
                              "doc": "Id of the recipient: the same in all messages of the plan."
                            },
                            {
                              "name": "step",
                              "type": "int",
                              "doc": "Number of the step that the message belongs to, from 1."
                            },
                            {
                              "name": "unless",
                              "type": [
                                "null",
                                "string"
                              ],
                              "doc": "The least condition of a later step: accepted, delivered, acked or opened; null: no step follows.",
                              "default": null
                            },
                            {
                              "name": "untilMs",
                              "type": "long",
                              "doc": "Time by which the last step is due, in milliseconds since 1970 UTC.",
                              "default": 0
                            },
                            {
                              "name": "why",
                              "type": [
                                "null",
                                "string"
                              ],
                              "doc": "Why the step was sent: overdue or failed; null: it is the first.",
                              "default": null
                            }
                          ]
                        }
                      ],
                      "doc": "The place in a plan of steps; null: the message is not part of one.",
                      "default": null
                    }
                  ]
                }
              },
              "doc": "The requests of a step that is not sent yet.",
              "default": []
            }
          ]
        }
      },
      "doc": "planned: all steps, in their order.",
      "default": []
    }
  ]
} as const;

export const LineageEventSchema = {
  "type": "record",
  "name": "LineageEvent",
  "namespace": "carillon",
  "doc": "The steps of one message in one run of stages: a first step, and those after it.",
  "fields": [
    {
      "name": "eventId",
      "type": "string",
      "doc": "Id of the step. A repeated step has the same id."
    },
    {
      "name": "messageId",
      "type": "string",
      "doc": "Id of the message."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Tenant of the message."
    },
    {
      "name": "channel",
      "type": "string",
      "doc": "The requested channel, even if unknown."
    },
    {
      "name": "lane",
      "type": "string",
      "doc": "The requested lane, even if unknown."
    },
    {
      "name": "stage",
      "type": {
        "type": "enum",
        "name": "StageName",
        "symbols": [
          "accept",
          "validate",
          "enrich",
          "route",
          "dispatch",
          "response_handle",
          "retry",
          "feedback",
          "expire_listener",
          "dead_letter",
          "webhook",
          "erase"
        ]
      },
      "doc": "The stage."
    },
    {
      "name": "outcome",
      "type": "string",
      "doc": "Outcome of the stage."
    },
    {
      "name": "status",
      "type": [
        "null",
        {
          "type": "enum",
          "name": "Status",
          "symbols": [
            "accepted",
            "validated",
            "enriched",
            "queued",
            "dispatched",
            "delivered",
            "failed",
            "expired",
            "suppressed",
            "cancelled"
          ]
        }
      ],
      "doc": "The status that the message reaches with this step.",
      "default": null
    },
    {
      "name": "reason",
      "type": [
        "null",
        "string"
      ],
      "doc": "Code of the reason; null if there is none.",
      "default": null
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "Number of the attempt; 0 before the first one."
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Time of the step, in milliseconds since 1970 UTC."
    },
    {
      "name": "instance",
      "type": "string",
      "doc": "Name of the process."
    },
    {
      "name": "provider",
      "type": [
        "null",
        "string"
      ],
      "doc": "Name of the provider.",
      "default": null
    },
    {
      "name": "to",
      "type": [
        "null",
        "string"
      ],
      "doc": "The recipient, in the first step of a message.",
      "default": null
    },
    {
      "name": "details",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "Further details, as texts.",
      "default": {}
    },
    {
      "name": "also",
      "type": {
        "type": "array",
        "items": {
          "type": "record",
          "name": "LineageStep",
          "doc": "A further step of the same message.",
          "fields": [
            {
              "name": "eventId",
              "type": "string",
              "doc": "Id of the step. A repeated step has the same id."
            },
            {
              "name": "stage",
              "type": "StageName",
              "doc": "The stage."
            },
            {
              "name": "outcome",
              "type": "string",
              "doc": "Outcome of the stage."
            },
            {
              "name": "status",
              "type": [
                "null",
                "Status"
              ],
              "doc": "The status that the message reaches with this step.",
              "default": null
            },
            {
              "name": "reason",
              "type": [
                "null",
                "string"
              ],
              "doc": "Code of the reason; null if there is none.",
              "default": null
            },
            {
              "name": "attempt",
              "type": "int",
              "doc": "Number of the attempt; 0 before the first one."
            },
            {
              "name": "at",
              "type": "long",
              "doc": "Time of the step, in milliseconds since 1970 UTC."
            },
            {
              "name": "provider",
              "type": [
                "null",
                "string"
              ],
              "doc": "Name of the provider.",
              "default": null
            },
            {
              "name": "to",
              "type": [
                "null",
                "string"
              ],
              "doc": "The recipient, in the first step of a message.",
              "default": null
            },
            {
              "name": "details",
              "type": {
                "type": "map",
                "values": "string"
              },
              "doc": "Further details, as texts.",
              "default": {}
            }
          ]
        }
      },
      "doc": "The steps after the first one, in order.",
      "default": []
    }
  ]
} as const;

export const MessageRequestedSchema = {
  "type": "record",
  "name": "MessageRequested",
  "namespace": "carillon",
  "doc": "A request to send a message. Channel and lane are strings, so that Carillon can reject a wrong value with a reason.",
  "fields": [
    {
      "name": "id",
      "type": "string",
      "doc": "Id of the message. Empty: derived from tenant and idempotencyKey, or from the position of the record.",
      "default": ""
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Tenant of the message."
    },
    {
      "name": "channel",
      "type": "string",
      "doc": "Name of the channel."
    },
    {
      "name": "to",
      "type": "string",
      "doc": "Email address, phone number in E.164 form, or device endpoint."
    },
    {
      "name": "lane",
      "type": [
        "null",
        "string"
      ],
      "doc": "critical, high, normal or bulk; null: the lane of the topic.",
      "default": null
    },
    {
      "name": "content",
      "type": {
        "type": "record",
        "name": "Content",
        "doc": "The content of a message.",
        "fields": [
          {
            "name": "subject",
            "type": [
              "null",
              "string"
            ],
            "doc": "The subject.",
            "default": null
          },
          {
            "name": "text",
            "type": [
              "null",
              "string"
            ],
            "doc": "The plain text; the whole of an SMS.",
            "default": null
          },
          {
            "name": "html",
            "type": [
              "null",
              "string"
            ],
            "doc": "The HTML part.",
            "default": null
          },
          {
            "name": "title",
            "type": [
              "null",
              "string"
            ],
            "doc": "The title.",
            "default": null
          },
          {
            "name": "data",
            "type": {
              "type": "map",
              "values": "string"
            },
            "doc": "Data for the app.",
            "default": {}
          },
          {
            "name": "attachments",
            "type": {
              "type": "array",
              "items": {
                "type": "record",
                "name": "Attachment",
                "doc": "A file attached to an email.",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string",
                    "doc": "Name of the file."
                  },
                  {
                    "name": "contentType",
                    "type": "string",
                    "doc": "Media type of the file."
                  },
                  {
                    "name": "content",
                    "type": "bytes",
                    "doc": "Content of the file."
                  },
                  {
                    "name": "contentId",
                    "type": [
                      "null",
                      "string"
                    ],
                    "doc": "Id by which the HTML part refers to the file (cid:…).",
                    "default": null
                  }
                ]
              }
            },
            "doc": "Attached files.",
            "default": []
          },
          {
            "name": "replyTo",
            "type": [
              "null",
              "string"
            ],
            "doc": "The addresses for replies.",
            "default": null
          },
          {
            "name": "unsubscribeUrl",
            "type": [
              "null",
              "string"
            ],
            "doc": "The address that receives a POST to end the subscription (RFC 8058).",
            "default": null
          }
        ]
      },
      "doc": "The content. It may be empty if a template is given.",
      "default": {
        "subject": null,
        "text": null,
        "html": null,
        "title": null,
        "data": {},
        "attachments": [],
        "replyTo": null,
        "unsubscribeUrl": null
      }
    },
    {
      "name": "template",
      "type": [
        "null",
        "string"
      ],
      "doc": "Name of a configured template.",
      "default": null
    },
    {
      "name": "variables",
      "type": {
        "type": "map",
        "values": [
          "null",
          "boolean",
          "double",
          "string"
        ]
      },
      "doc": "Values for the template.",
      "default": {}
    },
    {
      "name": "metadata",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "Data that returns in feedback and is never sent.",
      "default": {}
    },
    {
      "name": "from",
      "type": [
        "null",
        "string"
      ],
      "doc": "A sender other than the configured one.",
      "default": null
    },
    {
      "name": "idempotencyKey",
      "type": [
        "null",
        "string"
      ],
      "doc": "All requests of a tenant with the same key are one message.",
      "default": null
    },
    {
      "name": "notBefore",
      "type": [
        "null",
        "long"
      ],
      "doc": "Time before which the message is not sent, in milliseconds since 1970 UTC.",
      "default": null
    },
    {
      "name": "expiresAt",
      "type": [
        "null",
        "long"
      ],
      "doc": "Time after which the message is not sent, in milliseconds since 1970 UTC.",
      "default": null
    },
    {
      "name": "acceptedAt",
      "type": "long",
      "doc": "Time of acceptance, in milliseconds since 1970 UTC; 0: the timestamp of the record.",
      "default": 0
    },
    {
      "name": "traceparent",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C traceparent of the message.",
      "default": null
    },
    {
      "name": "tracestate",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C tracestate that belongs to the traceparent.",
      "default": null
    },
    {
      "name": "variablesJson",
      "type": [
        "null",
        "string"
      ],
      "doc": "Lists and maps among the variables, as one JSON object. They replace variables of the same name.",
      "default": null
    },
    {
      "name": "user",
      "type": [
        "null",
        "string"
      ],
      "doc": "Id of the user of the directory that the message is for.",
      "default": null
    },
    {
      "name": "fallback",
      "type": [
        "null",
        {
          "type": "record",
          "name": "FallbackPlace",
          "namespace": "carillon",
          "doc": "The place of a message in a plan of steps, of which later ones are sent if earlier ones do not arrive.",
          "fields": [
            {
              "name": "recipientId",
              "type": "string",
              "doc": "Id of the recipient: the same in all messages of the plan."
            },
            {
              "name": "step",
              "type": "int",
              "doc": "Number of the step that the message belongs to, from 1."
            },
            {
              "name": "unless",
              "type": [
                "null",
                "string"
              ],
              "doc": "The least condition of a later step: accepted, delivered, acked or opened; null: no step follows.",
              "default": null
            },
            {
              "name": "untilMs",
              "type": "long",
              "doc": "Time by which the last step is due, in milliseconds since 1970 UTC.",
              "default": 0
            },
            {
              "name": "why",
              "type": [
                "null",
                "string"
              ],
              "doc": "Why the step was sent: overdue or failed; null: it is the first.",
              "default": null
            }
          ]
        }
      ],
      "doc": "The place in a plan of steps; null: the message is not part of one.",
      "default": null
    }
  ]
} as const;

export const ProviderReceiptSchema = {
  "type": "record",
  "name": "ProviderReceipt",
  "namespace": "carillon",
  "doc": "The outcome of an attempt as its provider reports it, or a receipt that did not arrive by its deadline.",
  "fields": [
    {
      "name": "receiptId",
      "type": "string",
      "doc": "Id of the receipt. A repeated receipt has the same id."
    },
    {
      "name": "channel",
      "type": {
        "type": "enum",
        "name": "Channel",
        "symbols": [
          "email",
          "sms",
          "push"
        ]
      },
      "doc": "Channel of the message."
    },
    {
      "name": "provider",
      "type": "string",
      "doc": "Name of the provider."
    },
    {
      "name": "messageId",
      "type": [
        "null",
        "string"
      ],
      "doc": "Id of the message, if the provider reports it.",
      "default": null
    },
    {
      "name": "attempt",
      "type": [
        "null",
        "int"
      ],
      "doc": "Number of the attempt, if known.",
      "default": null
    },
    {
      "name": "providerMessageId",
      "aliases": [
        "responseId"
      ],
      "type": [
        "null",
        "string"
      ],
      "doc": "Id of the message at the provider.",
      "default": null
    },
    {
      "name": "event",
      "type": {
        "type": "enum",
        "name": "ReceiptEvent",
        "symbols": [
          "accepted",
          "delayed",
          "delivered",
          "permanent_failure",
          "temporary_failure",
          "throttled",
          "ambiguous",
          "no_receipt",
          "complained",
          "opened",
          "clicked"
        ]
      },
      "doc": "The reported event."
    },
    {
      "name": "reason",
      "type": [
        "null",
        "string"
      ],
      "doc": "Code of the reason; null if there is none.",
      "default": null
    },
    {
      "name": "detail",
      "type": [
        "null",
        "string"
      ],
      "doc": "Text of the provider.",
      "default": null
    },
    {
      "name": "retryAfterMs",
      "type": [
        "null",
        "long"
      ],
      "doc": "Minimum delay before the next attempt, in milliseconds.",
      "default": null
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Time of the event, in milliseconds since 1970 UTC."
    },
    {
      "name": "waits",
      "type": "int",
      "doc": "Number of times that the receipt waited for the record of its send.",
      "default": 0
    },
    {
      "name": "recipients",
      "type": {
        "type": "array",
        "items": "string"
      },
      "doc": "Recipients in the receipt; empty if it contains none.",
      "default": []
    }
  ]
} as const;

export const WebhookDeliverySchema = {
  "type": "record",
  "name": "WebhookDelivery",
  "namespace": "carillon",
  "doc": "One attempt to deliver feedback to a tenant's webhook.",
  "fields": [
    {
      "name": "feedback",
      "type": {
        "type": "record",
        "name": "DeliveryFeedback",
        "namespace": "carillon",
        "doc": "The final status of a message, or the engagement of its recipient, for the sender.",
        "fields": [
          {
            "name": "feedbackId",
            "type": "string",
            "doc": "Id of the feedback. Repeated feedback has the same id."
          },
          {
            "name": "messageId",
            "type": "string",
            "doc": "Id of the message."
          },
          {
            "name": "tenant",
            "type": "string",
            "doc": "Tenant of the message."
          },
          {
            "name": "channel",
            "type": "string",
            "doc": "Channel of the message."
          },
          {
            "name": "lane",
            "type": "string",
            "doc": "Lane of the message."
          },
          {
            "name": "kind",
            "type": {
              "type": "enum",
              "name": "FeedbackKind",
              "symbols": [
                "final",
                "engagement"
              ]
            },
            "doc": "final: the final status. engagement: an action of the recipient, or a conflicting duplicate request."
          },
          {
            "name": "status",
            "type": "string",
            "doc": "delivered, failed, expired, suppressed or cancelled; or opened, clicked or complained; or duplicate."
          },
          {
            "name": "reason",
            "type": [
              "null",
              "string"
            ],
            "doc": "Code of the reason; null if there is none.",
            "default": null
          },
          {
            "name": "attempt",
            "type": "int",
            "doc": "Number of attempts made."
          },
          {
            "name": "provider",
            "type": [
              "null",
              "string"
            ],
            "doc": "Name of the last provider.",
            "default": null
          },
          {
            "name": "providerMessageId",
            "aliases": [
              "responseId"
            ],
            "type": [
              "null",
              "string"
            ],
            "doc": "Id of the message at the provider.",
            "default": null
          },
          {
            "name": "idempotencyKey",
            "type": [
              "null",
              "string"
            ],
            "doc": "The idempotency key of the request.",
            "default": null
          },
          {
            "name": "metadata",
            "type": {
              "type": "map",
              "values": "string"
            },
            "doc": "The metadata of the request.",
            "default": {}
          },
          {
            "name": "to",
            "type": [
              "null",
              "string"
            ],
            "doc": "The recipient, if it must not receive further messages; otherwise null.",
            "default": null
          },
          {
            "name": "at",
            "type": "long",
            "doc": "Time of the event, in milliseconds since 1970 UTC."
          },
          {
            "name": "traceparent",
            "type": [
              "null",
              "string"
            ],
            "doc": "W3C traceparent of the message.",
            "default": null
          },
          {
            "name": "tracestate",
            "type": [
              "null",
              "string"
            ],
            "doc": "W3C tracestate that belongs to the traceparent.",
            "default": null
          }
        ]
      },
      "doc": "The feedback."
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "Number of the attempt, from 1."
    },
    {
      "name": "firstAt",
      "type": "long",
      "doc": "Time at which the delivery began, in milliseconds since 1970 UTC."
    }
  ]
} as const;
