import type { Status } from "../../schemas/generated.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import type { CountedByName, Dimension, Group } from "./dimensions.js";

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
  /** Name of the template that it was asked for with. */
  readonly template: string | null;
  /** Of the recipient, ISO 3166-1 alpha-2, where it is known. */
  readonly country: string | null;
  /** ISO 3166-2, where the sender's metadata tells it. */
  readonly region: string | null;
  /** What the recipient did: opened, clicked, complained. */
  readonly engagement: readonly string[];
  /** Millionths by currency (ISO 4217), or by `credit`; nothing where no price is configured. */
  readonly costs: Readonly<Record<string, number>>;
  readonly acceptedAt: Date;
  /** Not to be sent before; null: at once. */
  readonly notBefore: Date | null;
  readonly updatedAt: Date;
  /** When a provider first took it. */
  readonly sentAt: Date | null;
  readonly finalAt: Date | null;
  /** Not sent after; null until it is known. */
  readonly expiresAt: Date | null;
  readonly lineage: readonly LineageEntry[];
  /** Grows by one with each write. */
  readonly version: number;
}

/** By hour and by day for each group, and for groups over all countries and regions: far fewer, for most questions. */
export const rollupKinds = ["hourly", "daily", "hourly_totals", "daily_totals"] as const;
export type RollupKind = (typeof rollupKinds)[number];

/** Counts of the messages of a group that were accepted in one hour or day. */
export interface RollupDocument extends Group, RollupCounts {
  readonly _id: string;
  /** Begin of the hour or day of `reports.timeZone`. */
  readonly from: Date;
}

export interface RollupCounts {
  readonly messages: number;
  readonly attempts: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of how messages ended. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly engagements: Readonly<Record<string, number>>;
  /** Millionths, by currency or `credit`. */
  readonly costs: Readonly<Record<string, number>>;
  /** Messages by how long it took until a provider took them: by upper bound in milliseconds, see latencyBoundsMs. */
  readonly toSent: Readonly<Record<string, number>>;
  /** The same until they were known to be delivered. */
  readonly toDelivered: Readonly<Record<string, number>>;
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
  /** 100 unless it is given. */
  readonly limit?: number;
  /** Fields to read (1) or to leave out (0), by MongoDB's rules. */
  readonly keys?: Readonly<Record<string, 0 | 1>>;
}

export type Filter = Readonly<Record<string, unknown>>;

/** Messages lie in a collection by channel; those of unknown channels in `messages_other`. */
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

/** What sums of rollups are told by. */
export type RollupBy = Dimension | "from";

/** Counts of rollups of one kind, added up. */
export interface RollupSum extends RollupCounts {
  readonly by: Readonly<Partial<Record<RollupBy, string | Date | null>>>;
}

export interface SumOptions {
  readonly by: readonly RollupBy[];
  /** Those of the counts by name that are wanted; the others stay empty. */
  readonly measures: readonly CountedByName[];
}

/** What can be asked in MongoDB's terms. All reject FILTER_REFUSED for an operator that is not allowed, FILTER_TOO_SLOW past the deadline. */
export interface LineageReader {
  query<Name extends CollectionName>(collection: Name, filter: Filter, options?: QueryOptions): Promise<readonly DocumentOf<Name>[]>;
  count(collection: CollectionName, filter: Filter): Promise<number>;
  aggregate(collection: CollectionName, pipeline: readonly Filter[]): Promise<readonly Record<string, unknown>[]>;
  /** Adds rollups up: a sum for each group that is there. At most `mostSums`, else FILTER_REFUSED. */
  sum(collection: RollupCollection, filter: Filter, options: SumOptions): Promise<readonly RollupSum[]>;
}

export const mostSums = 10_000;

/**
 * The lineage of every message, and counts of them.
 * Idempotency: an event that a document holds already changes nothing, nor any count.
 * Concurrency: writers of different messages never disturb each other; of one message, one write wins and the other is made anew.
 */
export interface LineageStore extends LineageReader {
  /** Creates collections and indexes. */
  prepare(): Promise<void>;
  /** Resolves when all of them are durable. */
  append(events: readonly PositionedEvent[]): Promise<void>;
  find(messageId: string): Promise<MessageDocument | undefined>;
  /**
   * Puts documents in the place of those that they were read as, each with the version it was read with; one that was
   * changed meanwhile is left. Nothing that is counted may differ. Resolves how many were replaced.
   */
  replace(documents: readonly MessageDocument[]): Promise<number>;
  /**
   * Counts all documents anew, day by day, and replaces the rollups by what it finds; told how many documents are done.
   * Exact also while events are appended where document and counts change in one transaction (LMDB); else the sink must rest.
   */
  recount(onProgress?: (documents: number) => void): Promise<number>;
  /** Removes what is older; there where the store does not do so by itself. Resolves how many documents it removed. */
  forget?(before: KeptSince, signal: AbortSignal): Promise<number>;
  /** Encrypts all documents anew that are not under the active key; there where they are encrypted. Resolves how many it changed. */
  rewrap?(onProgress?: (documents: number) => void): Promise<number>;
  close(): Promise<void>;
}

/** Begin of what is kept. */
export interface KeptSince {
  readonly messages: Date;
  readonly hourly: Date;
  readonly daily: Date;
}

/** How long it is kept, in days. */
export interface Retention {
  readonly messagesDays: number;
  readonly hourlyDays: number;
  readonly dailyDays: number;
}
