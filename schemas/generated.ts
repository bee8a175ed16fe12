// Generated from the *.avsc files by `npm run generate`. Do not edit.

/** A record that no stage could process, as it was. */
export interface DeadLetter {
  /** topic/partition/offset of the record. */
  readonly deadLetterId: string;
  /** Where it was. */
  readonly topic: string;
  /** Where it was. */
  readonly partition: number;
  /** Where it was. */
  readonly offset: number;
  /** Its key. */
  readonly key: null | Buffer;
  /** Its value, byte for byte. */
  readonly value: null | Buffer;
  /** Its headers. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Its time, milliseconds since 1970 UTC. */
  readonly timestamp: number;
  /** Which stage gave up. */
  readonly stage: string;
  /** Why, as a code. */
  readonly errorCode: string;
  /** Why, in words. */
  readonly errorMessage: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** Which process. */
  readonly instance: string;
}

export const FeedbackKindSymbols = ["final", "engagement"] as const;
export type FeedbackKind = (typeof FeedbackKindSymbols)[number];

/** What the sender is told. */
export interface DeliveryFeedback {
  /** The same for the same feedback. */
  readonly feedbackId: string;
  /** The message's id. */
  readonly messageId: string;
  /** Whose message it is. */
  readonly tenant: string;
  /** The channel. */
  readonly channel: string;
  /** The lane. */
  readonly lane: string;
  /** A final status, or what the recipient did. */
  readonly kind: FeedbackKind;
  /** delivered, failed, expired, suppressed, cancelled; or opened, clicked, complained. */
  readonly status: string;
  /** One of the closed list of reasons. */
  readonly reason: null | string;
  /** How many attempts were made. */
  readonly attempt: number;
  /** Which provider. */
  readonly provider: null | string;
  /** The provider's own id. */
  readonly responseId: null | string;
  /** As requested. */
  readonly idempotencyKey: null | string;
  /** As requested. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The recipient, told where it should not be written to again: suppressed. */
  readonly to: null | string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** W3C traceparent of the message. */
  readonly traceparent: null | string;
  /** W3C tracestate of what it is sent for, passed on with its traceparent. */
  readonly tracestate: null | string;
}

export const ChannelSymbols = ["email", "sms", "push"] as const;
export type Channel = (typeof ChannelSymbols)[number];

export const LaneSymbols = ["critical", "high", "normal", "bulk"] as const;
export type Lane = (typeof LaneSymbols)[number];

/** A file that goes with an email. */
export interface Attachment {
  /** Its name. */
  readonly filename: string;
  /** Its media type. */
  readonly contentType: string;
  /** Its bytes. */
  readonly content: Buffer;
  /** By which the HTML part shows it (cid:…). */
  readonly contentId: null | string;
}

/** What the recipient reads. */
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
  /** Files. */
  readonly attachments: readonly (Attachment)[];
  /** Where answers go. */
  readonly replyTo: null | string;
  /** Takes a POST and ends the subscription (RFC 8058). */
  readonly unsubscribeUrl: null | string;
}

/** One attempt to send one message. */
export interface DispatchCommand {
  /** The message's id. */
  readonly messageId: string;
  /** Whose message it is. */
  readonly tenant: string;
  /** How it is sent. */
  readonly channel: Channel;
  /** Its priority class. */
  readonly lane: Lane;
  /** Email address, E.164 number or device endpoint. */
  readonly to: string;
  /** Sender. */
  readonly from: null | string;
  /** Rendered content. */
  readonly content: Content;
  /** Given back in feedback. */
  readonly metadata: Readonly<Record<string, string>>;
  /** As requested. */
  readonly idempotencyKey: null | string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Milliseconds since 1970 UTC. */
  readonly acceptedAt: number;
  /** Milliseconds since 1970 UTC. */
  readonly expiresAt: number;
  /** SMS: how many parts; else 0. */
  readonly segments: number;
  /** W3C trace context. */
  readonly traceparent: string;
  /** Who is asked to send it; null before that is chosen. */
  readonly provider: null | string;
  /** Providers that failed it since it last waited: others are asked first. */
  readonly tried: readonly (string)[];
  /** When it was due first if not at once, milliseconds since 1970 UTC. */
  readonly notBefore: null | number;
  /** W3C tracestate of what it is sent for, passed on with its traceparent. */
  readonly tracestate: null | string;
}

export const StageNameSymbols = ["accept", "validate", "enrich", "route", "dispatch", "response_handle", "retry", "feedback", "expire_listener", "dead_letter", "webhook", "erase"] as const;
export type StageName = (typeof StageNameSymbols)[number];

export const StatusSymbols = ["accepted", "validated", "enriched", "queued", "dispatched", "delivered", "failed", "expired", "suppressed", "cancelled"] as const;
export type Status = (typeof StatusSymbols)[number];

/** A further step of the same message. */
export interface LineageStep {
  /** The same for the same step, however often it is told. */
  readonly eventId: string;
  /** Where. */
  readonly stage: StageName;
  /** What happened there. */
  readonly outcome: string;
  /** The status that it reaches by this step. */
  readonly status: null | Status;
  /** One of the closed list of reasons. */
  readonly reason: null | string;
  /** 0 before the first. */
  readonly attempt: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** Which provider. */
  readonly provider: null | string;
  /** The recipient; told by the first step. */
  readonly to: null | string;
  /** More, in words. */
  readonly details: Readonly<Record<string, string>>;
}

/** What one run of stages tells of one message: a step, and those that followed it in the same run. */
export interface LineageEvent {
  /** The same for the same step, however often it is told. */
  readonly eventId: string;
  /** The message's id. */
  readonly messageId: string;
  /** Whose message it is. */
  readonly tenant: string;
  /** As requested, even when unknown. */
  readonly channel: string;
  /** As requested, even when unknown. */
  readonly lane: string;
  /** Where. */
  readonly stage: StageName;
  /** What happened there. */
  readonly outcome: string;
  /** The status that it reaches by this step. */
  readonly status: null | Status;
  /** One of the closed list of reasons. */
  readonly reason: null | string;
  /** 0 before the first. */
  readonly attempt: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** Which process. */
  readonly instance: string;
  /** Which provider. */
  readonly provider: null | string;
  /** The recipient; told by the first step. */
  readonly to: null | string;
  /** More, in words. */
  readonly details: Readonly<Record<string, string>>;
  /** The steps that followed in the same run, in order. */
  readonly also: readonly (LineageStep)[];
}

/** A service asks for a message. Channel, lane and the like are strings here, so that a wrong one is answered with a reason instead of failing to decode. */
export interface MessageRequested {
  /** The message's id; empty: made from tenant and idempotencyKey, else from the record's position. */
  readonly id: string;
  /** Whose message it is. */
  readonly tenant: string;
  /** Name of a channel. */
  readonly channel: string;
  /** Email address, E.164 number or device endpoint. */
  readonly to: string;
  /** critical, high, normal or bulk; null: that of the topic. */
  readonly lane: null | string;
  /** What to say; may be empty when a template is named. */
  readonly content: Content;
  /** Name of a configured template. */
  readonly template: null | string;
  /** Values for the template. */
  readonly variables: Readonly<Record<string, null | boolean | number | string>>;
  /** Given back in feedback; never sent. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Sender, where the default will not do. */
  readonly from: null | string;
  /** Requests of one tenant with one key are one message. */
  readonly idempotencyKey: null | string;
  /** Not sent before, milliseconds since 1970 UTC. */
  readonly notBefore: null | number;
  /** Not sent after, milliseconds since 1970 UTC. */
  readonly expiresAt: null | number;
  /** When it was accepted, milliseconds since 1970 UTC; 0: the record's timestamp. */
  readonly acceptedAt: number;
  /** W3C trace context. */
  readonly traceparent: null | string;
  /** W3C tracestate of what it is sent for, passed on with its traceparent. */
  readonly tracestate: null | string;
  /** Variables that are lists or maps, as one JSON object by name; those of the same name in variables give way. */
  readonly variablesJson: null | string;
}

export const ReceiptEventSymbols = ["accepted", "delayed", "delivered", "permanent_failure", "temporary_failure", "throttled", "ambiguous", "no_receipt", "complained", "opened", "clicked"] as const;
export type ReceiptEvent = (typeof ReceiptEventSymbols)[number];

/** What a provider says happened to an attempt, or that it said nothing by its deadline. */
export interface ProviderReceipt {
  /** Unique per receipt; a receipt that arrives again has the same id. */
  readonly receiptId: string;
  /** The channel. */
  readonly channel: Channel;
  /** Who says so. */
  readonly provider: string;
  /** The message, if the provider told. */
  readonly messageId: null | string;
  /** The attempt, if known. */
  readonly attempt: null | number;
  /** The provider's own id. */
  readonly responseId: null | string;
  /** What happened. */
  readonly event: ReceiptEvent;
  /** One of the closed list of reasons. */
  readonly reason: null | string;
  /** The provider's own words. */
  readonly detail: null | string;
  /** Not again before, in milliseconds. */
  readonly retryAfterMs: null | number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** How often it waited for its send's own record. */
  readonly waits: number;
  /** Addresses that the provider names; empty where it names none. */
  readonly recipients: readonly (string)[];
}

/** One attempt to tell a tenant's webhook. */
export interface WebhookDelivery {
  /** What it is told. */
  readonly feedback: DeliveryFeedback;
  /** 1 for the first try. */
  readonly attempt: number;
  /** When it was first to be told, milliseconds since 1970 UTC. */
  readonly firstAt: number;
}

export const DeadLetterSchema = {
  "type": "record",
  "name": "DeadLetter",
  "namespace": "carillon",
  "doc": "A record that no stage could process, as it was.",
  "fields": [
    {
      "name": "deadLetterId",
      "type": "string",
      "doc": "topic/partition/offset of the record."
    },
    {
      "name": "topic",
      "type": "string",
      "doc": "Where it was."
    },
    {
      "name": "partition",
      "type": "int",
      "doc": "Where it was."
    },
    {
      "name": "offset",
      "type": "long",
      "doc": "Where it was."
    },
    {
      "name": "key",
      "type": [
        "null",
        "bytes"
      ],
      "doc": "Its key.",
      "default": null
    },
    {
      "name": "value",
      "type": [
        "null",
        "bytes"
      ],
      "doc": "Its value, byte for byte.",
      "default": null
    },
    {
      "name": "headers",
      "type": {
        "type": "map",
        "values": "bytes"
      },
      "doc": "Its headers.",
      "default": {}
    },
    {
      "name": "timestamp",
      "type": "long",
      "doc": "Its time, milliseconds since 1970 UTC."
    },
    {
      "name": "stage",
      "type": "string",
      "doc": "Which stage gave up."
    },
    {
      "name": "errorCode",
      "type": "string",
      "doc": "Why, as a code."
    },
    {
      "name": "errorMessage",
      "type": "string",
      "doc": "Why, in words."
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Milliseconds since 1970 UTC."
    },
    {
      "name": "instance",
      "type": "string",
      "doc": "Which process."
    }
  ]
} as const;

export const DeliveryFeedbackSchema = {
  "type": "record",
  "name": "DeliveryFeedback",
  "namespace": "carillon",
  "doc": "What the sender is told.",
  "fields": [
    {
      "name": "feedbackId",
      "type": "string",
      "doc": "The same for the same feedback."
    },
    {
      "name": "messageId",
      "type": "string",
      "doc": "The message's id."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Whose message it is."
    },
    {
      "name": "channel",
      "type": "string",
      "doc": "The channel."
    },
    {
      "name": "lane",
      "type": "string",
      "doc": "The lane."
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
      "doc": "A final status, or what the recipient did."
    },
    {
      "name": "status",
      "type": "string",
      "doc": "delivered, failed, expired, suppressed, cancelled; or opened, clicked, complained."
    },
    {
      "name": "reason",
      "type": [
        "null",
        "string"
      ],
      "doc": "One of the closed list of reasons.",
      "default": null
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "How many attempts were made."
    },
    {
      "name": "provider",
      "type": [
        "null",
        "string"
      ],
      "doc": "Which provider.",
      "default": null
    },
    {
      "name": "responseId",
      "type": [
        "null",
        "string"
      ],
      "doc": "The provider's own id.",
      "default": null
    },
    {
      "name": "idempotencyKey",
      "type": [
        "null",
        "string"
      ],
      "doc": "As requested.",
      "default": null
    },
    {
      "name": "metadata",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "As requested.",
      "default": {}
    },
    {
      "name": "to",
      "type": [
        "null",
        "string"
      ],
      "doc": "The recipient, told where it should not be written to again: suppressed.",
      "default": null
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Milliseconds since 1970 UTC."
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
      "doc": "W3C tracestate of what it is sent for, passed on with its traceparent.",
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
      "doc": "The message's id."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Whose message it is."
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
      "doc": "How it is sent."
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
      "doc": "Its priority class."
    },
    {
      "name": "to",
      "type": "string",
      "doc": "Email address, E.164 number or device endpoint."
    },
    {
      "name": "from",
      "type": [
        "null",
        "string"
      ],
      "doc": "Sender.",
      "default": null
    },
    {
      "name": "content",
      "type": {
        "type": "record",
        "name": "Content",
        "doc": "What the recipient reads.",
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
                "doc": "A file that goes with an email.",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string",
                    "doc": "Its name."
                  },
                  {
                    "name": "contentType",
                    "type": "string",
                    "doc": "Its media type."
                  },
                  {
                    "name": "content",
                    "type": "bytes",
                    "doc": "Its bytes."
                  },
                  {
                    "name": "contentId",
                    "type": [
                      "null",
                      "string"
                    ],
                    "doc": "By which the HTML part shows it (cid:…).",
                    "default": null
                  }
                ]
              }
            },
            "doc": "Files.",
            "default": []
          },
          {
            "name": "replyTo",
            "type": [
              "null",
              "string"
            ],
            "doc": "Where answers go.",
            "default": null
          },
          {
            "name": "unsubscribeUrl",
            "type": [
              "null",
              "string"
            ],
            "doc": "Takes a POST and ends the subscription (RFC 8058).",
            "default": null
          }
        ]
      },
      "doc": "Rendered content."
    },
    {
      "name": "metadata",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "Given back in feedback.",
      "default": {}
    },
    {
      "name": "idempotencyKey",
      "type": [
        "null",
        "string"
      ],
      "doc": "As requested.",
      "default": null
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "1 for the first try."
    },
    {
      "name": "acceptedAt",
      "type": "long",
      "doc": "Milliseconds since 1970 UTC."
    },
    {
      "name": "expiresAt",
      "type": "long",
      "doc": "Milliseconds since 1970 UTC."
    },
    {
      "name": "segments",
      "type": "int",
      "doc": "SMS: how many parts; else 0.",
      "default": 0
    },
    {
      "name": "traceparent",
      "type": "string",
      "doc": "W3C trace context."
    },
    {
      "name": "provider",
      "type": [
        "null",
        "string"
      ],
      "doc": "Who is asked to send it; null before that is chosen.",
      "default": null
    },
    {
      "name": "tried",
      "type": {
        "type": "array",
        "items": "string"
      },
      "doc": "Providers that failed it since it last waited: others are asked first.",
      "default": []
    },
    {
      "name": "notBefore",
      "type": [
        "null",
        "long"
      ],
      "doc": "When it was due first if not at once, milliseconds since 1970 UTC.",
      "default": null
    },
    {
      "name": "tracestate",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C tracestate of what it is sent for, passed on with its traceparent.",
      "default": null
    }
  ]
} as const;

export const LineageEventSchema = {
  "type": "record",
  "name": "LineageEvent",
  "namespace": "carillon",
  "doc": "What one run of stages tells of one message: a step, and those that followed it in the same run.",
  "fields": [
    {
      "name": "eventId",
      "type": "string",
      "doc": "The same for the same step, however often it is told."
    },
    {
      "name": "messageId",
      "type": "string",
      "doc": "The message's id."
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Whose message it is."
    },
    {
      "name": "channel",
      "type": "string",
      "doc": "As requested, even when unknown."
    },
    {
      "name": "lane",
      "type": "string",
      "doc": "As requested, even when unknown."
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
      "doc": "Where."
    },
    {
      "name": "outcome",
      "type": "string",
      "doc": "What happened there."
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
      "doc": "The status that it reaches by this step.",
      "default": null
    },
    {
      "name": "reason",
      "type": [
        "null",
        "string"
      ],
      "doc": "One of the closed list of reasons.",
      "default": null
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "0 before the first."
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Milliseconds since 1970 UTC."
    },
    {
      "name": "instance",
      "type": "string",
      "doc": "Which process."
    },
    {
      "name": "provider",
      "type": [
        "null",
        "string"
      ],
      "doc": "Which provider.",
      "default": null
    },
    {
      "name": "to",
      "type": [
        "null",
        "string"
      ],
      "doc": "The recipient; told by the first step.",
      "default": null
    },
    {
      "name": "details",
      "type": {
        "type": "map",
        "values": "string"
      },
      "doc": "More, in words.",
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
              "doc": "The same for the same step, however often it is told."
            },
            {
              "name": "stage",
              "type": "StageName",
              "doc": "Where."
            },
            {
              "name": "outcome",
              "type": "string",
              "doc": "What happened there."
            },
            {
              "name": "status",
              "type": [
                "null",
                "Status"
              ],
              "doc": "The status that it reaches by this step.",
              "default": null
            },
            {
              "name": "reason",
              "type": [
                "null",
                "string"
              ],
              "doc": "One of the closed list of reasons.",
              "default": null
            },
            {
              "name": "attempt",
              "type": "int",
              "doc": "0 before the first."
            },
            {
              "name": "at",
              "type": "long",
              "doc": "Milliseconds since 1970 UTC."
            },
            {
              "name": "provider",
              "type": [
                "null",
                "string"
              ],
              "doc": "Which provider.",
              "default": null
            },
            {
              "name": "to",
              "type": [
                "null",
                "string"
              ],
              "doc": "The recipient; told by the first step.",
              "default": null
            },
            {
              "name": "details",
              "type": {
                "type": "map",
                "values": "string"
              },
              "doc": "More, in words.",
              "default": {}
            }
          ]
        }
      },
      "doc": "The steps that followed in the same run, in order.",
      "default": []
    }
  ]
} as const;

export const MessageRequestedSchema = {
  "type": "record",
  "name": "MessageRequested",
  "namespace": "carillon",
  "doc": "A service asks for a message. Channel, lane and the like are strings here, so that a wrong one is answered with a reason instead of failing to decode.",
  "fields": [
    {
      "name": "id",
      "type": "string",
      "doc": "The message's id; empty: made from tenant and idempotencyKey, else from the record's position.",
      "default": ""
    },
    {
      "name": "tenant",
      "type": "string",
      "doc": "Whose message it is."
    },
    {
      "name": "channel",
      "type": "string",
      "doc": "Name of a channel."
    },
    {
      "name": "to",
      "type": "string",
      "doc": "Email address, E.164 number or device endpoint."
    },
    {
      "name": "lane",
      "type": [
        "null",
        "string"
      ],
      "doc": "critical, high, normal or bulk; null: that of the topic.",
      "default": null
    },
    {
      "name": "content",
      "type": {
        "type": "record",
        "name": "Content",
        "doc": "What the recipient reads.",
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
                "doc": "A file that goes with an email.",
                "fields": [
                  {
                    "name": "filename",
                    "type": "string",
                    "doc": "Its name."
                  },
                  {
                    "name": "contentType",
                    "type": "string",
                    "doc": "Its media type."
                  },
                  {
                    "name": "content",
                    "type": "bytes",
                    "doc": "Its bytes."
                  },
                  {
                    "name": "contentId",
                    "type": [
                      "null",
                      "string"
                    ],
                    "doc": "By which the HTML part shows it (cid:…).",
                    "default": null
                  }
                ]
              }
            },
            "doc": "Files.",
            "default": []
          },
          {
            "name": "replyTo",
            "type": [
              "null",
              "string"
            ],
            "doc": "Where answers go.",
            "default": null
          },
          {
            "name": "unsubscribeUrl",
            "type": [
              "null",
              "string"
            ],
            "doc": "Takes a POST and ends the subscription (RFC 8058).",
            "default": null
          }
        ]
      },
      "doc": "What to say; may be empty when a template is named.",
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
      "doc": "Given back in feedback; never sent.",
      "default": {}
    },
    {
      "name": "from",
      "type": [
        "null",
        "string"
      ],
      "doc": "Sender, where the default will not do.",
      "default": null
    },
    {
      "name": "idempotencyKey",
      "type": [
        "null",
        "string"
      ],
      "doc": "Requests of one tenant with one key are one message.",
      "default": null
    },
    {
      "name": "notBefore",
      "type": [
        "null",
        "long"
      ],
      "doc": "Not sent before, milliseconds since 1970 UTC.",
      "default": null
    },
    {
      "name": "expiresAt",
      "type": [
        "null",
        "long"
      ],
      "doc": "Not sent after, milliseconds since 1970 UTC.",
      "default": null
    },
    {
      "name": "acceptedAt",
      "type": "long",
      "doc": "When it was accepted, milliseconds since 1970 UTC; 0: the record's timestamp.",
      "default": 0
    },
    {
      "name": "traceparent",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C trace context.",
      "default": null
    },
    {
      "name": "tracestate",
      "type": [
        "null",
        "string"
      ],
      "doc": "W3C tracestate of what it is sent for, passed on with its traceparent.",
      "default": null
    },
    {
      "name": "variablesJson",
      "type": [
        "null",
        "string"
      ],
      "doc": "Variables that are lists or maps, as one JSON object by name; those of the same name in variables give way.",
      "default": null
    }
  ]
} as const;

export const ProviderReceiptSchema = {
  "type": "record",
  "name": "ProviderReceipt",
  "namespace": "carillon",
  "doc": "What a provider says happened to an attempt, or that it said nothing by its deadline.",
  "fields": [
    {
      "name": "receiptId",
      "type": "string",
      "doc": "Unique per receipt; a receipt that arrives again has the same id."
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
      "doc": "The channel."
    },
    {
      "name": "provider",
      "type": "string",
      "doc": "Who says so."
    },
    {
      "name": "messageId",
      "type": [
        "null",
        "string"
      ],
      "doc": "The message, if the provider told.",
      "default": null
    },
    {
      "name": "attempt",
      "type": [
        "null",
        "int"
      ],
      "doc": "The attempt, if known.",
      "default": null
    },
    {
      "name": "responseId",
      "type": [
        "null",
        "string"
      ],
      "doc": "The provider's own id.",
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
      "doc": "What happened."
    },
    {
      "name": "reason",
      "type": [
        "null",
        "string"
      ],
      "doc": "One of the closed list of reasons.",
      "default": null
    },
    {
      "name": "detail",
      "type": [
        "null",
        "string"
      ],
      "doc": "The provider's own words.",
      "default": null
    },
    {
      "name": "retryAfterMs",
      "type": [
        "null",
        "long"
      ],
      "doc": "Not again before, in milliseconds.",
      "default": null
    },
    {
      "name": "at",
      "type": "long",
      "doc": "Milliseconds since 1970 UTC."
    },
    {
      "name": "waits",
      "type": "int",
      "doc": "How often it waited for its send's own record.",
      "default": 0
    },
    {
      "name": "recipients",
      "type": {
        "type": "array",
        "items": "string"
      },
      "doc": "Addresses that the provider names; empty where it names none.",
      "default": []
    }
  ]
} as const;

export const WebhookDeliverySchema = {
  "type": "record",
  "name": "WebhookDelivery",
  "namespace": "carillon",
  "doc": "One attempt to tell a tenant's webhook.",
  "fields": [
    {
      "name": "feedback",
      "type": {
        "type": "record",
        "name": "DeliveryFeedback",
        "namespace": "carillon",
        "doc": "What the sender is told.",
        "fields": [
          {
            "name": "feedbackId",
            "type": "string",
            "doc": "The same for the same feedback."
          },
          {
            "name": "messageId",
            "type": "string",
            "doc": "The message's id."
          },
          {
            "name": "tenant",
            "type": "string",
            "doc": "Whose message it is."
          },
          {
            "name": "channel",
            "type": "string",
            "doc": "The channel."
          },
          {
            "name": "lane",
            "type": "string",
            "doc": "The lane."
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
            "doc": "A final status, or what the recipient did."
          },
          {
            "name": "status",
            "type": "string",
            "doc": "delivered, failed, expired, suppressed, cancelled; or opened, clicked, complained."
          },
          {
            "name": "reason",
            "type": [
              "null",
              "string"
            ],
            "doc": "One of the closed list of reasons.",
            "default": null
          },
          {
            "name": "attempt",
            "type": "int",
            "doc": "How many attempts were made."
          },
          {
            "name": "provider",
            "type": [
              "null",
              "string"
            ],
            "doc": "Which provider.",
            "default": null
          },
          {
            "name": "responseId",
            "type": [
              "null",
              "string"
            ],
            "doc": "The provider's own id.",
            "default": null
          },
          {
            "name": "idempotencyKey",
            "type": [
              "null",
              "string"
            ],
            "doc": "As requested.",
            "default": null
          },
          {
            "name": "metadata",
            "type": {
              "type": "map",
              "values": "string"
            },
            "doc": "As requested.",
            "default": {}
          },
          {
            "name": "to",
            "type": [
              "null",
              "string"
            ],
            "doc": "The recipient, told where it should not be written to again: suppressed.",
            "default": null
          },
          {
            "name": "at",
            "type": "long",
            "doc": "Milliseconds since 1970 UTC."
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
            "doc": "W3C tracestate of what it is sent for, passed on with its traceparent.",
            "default": null
          }
        ]
      },
      "doc": "What it is told."
    },
    {
      "name": "attempt",
      "type": "int",
      "doc": "1 for the first try."
    },
    {
      "name": "firstAt",
      "type": "long",
      "doc": "When it was first to be told, milliseconds since 1970 UTC."
    }
  ]
} as const;
