import type { Status } from "../../schemas/generated.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import type { CountedByName, Dimension, Group } from "./dimensions.js";

/** One step of a message's lineage. */
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
  /** The user of the directory that the message is for. Absent from messages to an address; null once erased. */
  readonly user?: string | null;
  /** The plan of steps that the message belongs to. Absent from other messages. */
  readonly recipientId?: string;
  readonly status: Status;
  readonly final: boolean;
  readonly reason: string | null;
  readonly attempts: number;
  readonly provider: string | null;
  /** Name of the template that the sender requested. */
  readonly template: string | null;
  /** The recipient's country, ISO 3166-1 alpha-2, if known. */
  readonly country: string | null;
  /** ISO 3166-2, if the sender's metadata contains it. */
  readonly region: string | null;
  /** Actions of the recipient: opened, clicked, complained. */
  readonly engagement: readonly string[];
  /** Millionths by currency (ISO 4217) or by `credit`; empty when no price is configured. */
  readonly costs: Readonly<Record<string, number>>;
  readonly acceptedAt: Date;
  /** Earliest time to send; null: immediately. */
  readonly notBefore: Date | null;
  readonly updatedAt: Date;
  /** When a provider first accepted the message. */
  readonly sentAt: Date | null;
  readonly finalAt: Date | null;
  /** Latest time to send; null until it is known. */
  readonly expiresAt: Date | null;
  readonly lineage: readonly LineageEntry[];
  /** Grows by one with each write. */
  readonly version: number;
}

/**
 * Rollups by hour and by day for each group, and totals over all countries and regions. The totals have far fewer rows and serve most
 * queries.
 */
export const rollupKinds = ["hourly", "daily", "hourly_totals", "daily_totals"] as const;
export type RollupKind = (typeof rollupKinds)[number];

/** Counts of the messages of a group that were accepted in one hour or day. */
export interface RollupDocument extends Group, RollupCounts {
  readonly _id: string;
  /** Start of the hour or day in `reports.timeZone`. */
  readonly from: Date;
}

export interface RollupCounts {
  readonly messages: number;
  readonly attempts: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Reasons of final statuses. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly engagements: Readonly<Record<string, number>>;
  /** Millionths, by currency or `credit`. */
  readonly costs: Readonly<Record<string, number>>;
  /** Messages by time until a provider accepted them, keyed by the upper bound in milliseconds, see latencyBoundsMs. */
  readonly toSent: Readonly<Record<string, number>>;
  /** The same until delivery was confirmed. */
  readonly toDelivered: Readonly<Record<string, number>>;
}

/** An event and its position in the lineage topic. */
export interface PositionedEvent {
  readonly event: LineageStepEvent;
  readonly partition: number;
  readonly offset: number;
}

export interface QueryOptions {
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  readonly skip?: number;
  /** Default: 100. */
  readonly limit?: number;
  /** Fields to include (1) or exclude (0), by MongoDB's rules. */
  readonly keys?: Readonly<Record<string, 0 | 1>>;
}

export type Filter = Readonly<Record<string, unknown>>;

/** Each channel has its own collection of messages. Unknown channels share `messages_other`. */
const channelCollections = [...channels, "other"] as const;
export type ChannelCollection = (typeof channelCollections)[number];
export type MessageCollection = `messages_${ChannelCollection}`;
export type RollupCollection = `rollups_${RollupKind}`;
export type CollectionName = MessageCollection | RollupCollection;

export const messageCollections: readonly MessageCollection[] = channelCollections.map((channel) => `messages_${channel}` as const);
export const rollupCollections: readonly RollupCollection[] = rollupKinds.map((kind) => `rollups_${kind}` as const);
export const collectionNames: readonly CollectionName[] = [...messageCollections, ...rollupCollections];

/** The collection of a channel's messages. */
export const collectionOf = (channel: string): MessageCollection => (isChannel(channel) ? `messages_${channel}` : "messages_other");

export type DocumentOf<Name extends CollectionName> = Name extends MessageCollection ? MessageDocument : RollupDocument;

/** The keys that rollup sums can be grouped by. */
export type RollupBy = Dimension | "from";

/** Totals of rollups of one kind. */
export interface RollupSum extends RollupCounts {
  readonly by: Readonly<Partial<Record<RollupBy, string | Date | null>>>;
}

export interface SumOptions {
  readonly by: readonly RollupBy[];
  /** The counts by name to add up; the others stay empty. */
  readonly measures: readonly CountedByName[];
}

/** Queries in MongoDB's language. All methods reject FILTER_REFUSED for a forbidden operator and FILTER_TOO_SLOW past the deadline. */
export interface LineageReader {
  query<Name extends CollectionName>(collection: Name, filter: Filter, options?: QueryOptions): Promise<readonly DocumentOf<Name>[]>;
  count(collection: CollectionName, filter: Filter): Promise<number>;
  aggregate(collection: CollectionName, pipeline: readonly Filter[]): Promise<readonly Record<string, unknown>[]>;
  /** Adds rollups up, with one sum for each group that occurs. Rejects FILTER_REFUSED for more than `mostSums` groups. */
  sum(collection: RollupCollection, filter: Filter, options: SumOptions): Promise<readonly RollupSum[]>;
}

export const mostSums = 10_000;

/**
 * The lineage of every message, and rollups of it.
 * Idempotency: an event that a document already contains changes neither the document nor any count.
 * Concurrency: writers of different messages never conflict. When two writers change one message, one wins and the other retries.
 */
export interface LineageStore extends LineageReader {
  /** Creates collections and indexes. */
  prepare(): Promise<void>;
  /** Resolves when all events are durable. */
  append(events: readonly PositionedEvent[]): Promise<void>;
  find(messageId: string): Promise<MessageDocument | undefined>;
  /**
   * Replaces documents, each only if its version is still the one given. A document that changed meanwhile is skipped. Counted fields must
   * not differ. Resolves with the number replaced.
   */
  replace(documents: readonly MessageDocument[]): Promise<number>;
  /**
   * Recounts all documents day by day and replaces the rollups. Calls `onProgress` with the number of documents counted.
   * If document and counts change in one transaction (LMDB), the result is exact even during appends. Otherwise the sink must be stopped.
   */
  recount(onProgress?: (documents: number) => void): Promise<number>;
  /** Removes older documents. Absent when the store expires them itself. Resolves with the number removed. */
  forget?(before: KeptSince, signal: AbortSignal): Promise<number>;
  /**
   * Encrypts all documents again that are not under the active key. Present only when documents are encrypted. Resolves with the number
   * changed.
   */
  rewrap?(onProgress?: (documents: number) => void): Promise<number>;
  close(): Promise<void>;
}

/** Oldest data to keep. */
export interface KeptSince {
  readonly messages: Date;
  readonly hourly: Date;
  readonly daily: Date;
}

/** How long data is kept, in days. */
export interface Retention {
  readonly messagesDays: number;
  readonly hourlyDays: number;
  readonly dailyDays: number;
}
