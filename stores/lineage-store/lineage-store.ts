import type { Status } from "../../schemas/generated.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";

/** One step, as it stands in a message's document. */
export interface LineageEntry {
  readonly eventId: string;
  readonly stage: string;
  readonly outcome: string;
  readonly status: Status | null;
  readonly reason: string | null;
  readonly attempt: number;
  readonly at: Date;
  readonly instance: string;
  readonly provider: string | null;
  readonly details: Readonly<Record<string, string>>;
}

/** One message with all its steps, in the collection of its channel. */
export interface MessageDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly channel: string;
  readonly lane: string;
  readonly to: string | null;
  readonly status: Status;
  readonly final: boolean;
  readonly reason: string | null;
  readonly attempts: number;
  readonly provider: string | null;
  /** What the recipient did: opened, clicked, complained. */
  readonly engagement: readonly string[];
  readonly acceptedAt: Date;
  readonly updatedAt: Date;
  readonly finalAt: Date | null;
  /** Not sent after; null until it is known. */
  readonly expiresAt: Date | null;
  readonly lineage: readonly LineageEntry[];
  /** Grows by one with each write. */
  readonly version: number;
}

/** Counts of a tenant, channel, provider ("" before one is chosen) and day. */
export interface RollupDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly channel: string;
  readonly provider: string;
  /** Of the message's event, UTC, YYYY-MM-DD. */
  readonly day: string;
  /** accepted, attempts, each final status, and `reason_<reason>` of each. */
  readonly counts: Readonly<Record<string, number>>;
}

/** An event and where in the lineage topic it stands. */
export interface PositionedEvent {
  readonly event: LineageStepEvent;
  readonly partition: number;
  readonly offset: number;
}

export interface QueryOptions {
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  readonly skip?: number;
  readonly limit?: number;
}

export type Filter = Readonly<Record<string, unknown>>;

/**
 * The lineage of every message.
 * Idempotency: an event that a document holds already changes nothing, nor any count.
 * Concurrency: writers of different messages never disturb each other; of one message, one write wins and the other is made anew.
 */
export interface LineageStore {
  /** Creates collections and indexes. */
  prepare(): Promise<void>;
  /** Resolves when all of them are durable. */
  append(events: readonly PositionedEvent[]): Promise<void>;
  find(messageId: string): Promise<MessageDocument | undefined>;
  /** Documents of `messages_<channel>` by a MongoDB filter. Rejects FILTER_REFUSED. */
  query(channel: string, filter: Filter, options?: QueryOptions): Promise<readonly MessageDocument[]>;
  /** Rejects FILTER_REFUSED. */
  aggregate(channel: string, pipeline: readonly Filter[]): Promise<readonly Record<string, unknown>[]>;
  rollups(filter: Filter): Promise<readonly RollupDocument[]>;
  close(): Promise<void>;
}

/** Collections by channel; messages of unknown channels lie in `messages_other`. */
export const channelCollections = ["email", "sms", "push", "other"] as const;
export type ChannelCollection = (typeof channelCollections)[number];

export const collectionOf = (channel: string): ChannelCollection => channelCollections.find((known) => known === channel) ?? "other";
