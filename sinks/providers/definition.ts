import type { z } from "zod";
import type { Origin } from "../../engine/diagnostics.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Reading, Readings } from "../../processors/reading.js";
import type { Channel, ProviderReceipt } from "../../schemas/generated.js";
import type { Reason } from "../../schemas/reasons.js";
import type { Clock } from "../../stores/clock.js";
import type { Outbox } from "../outbox.js";
import type { ReceiptTable } from "./receipt-table.js";

/** What providers are made with, besides their own options. */
export interface ProviderTools {
  readonly clock: Clock;
  /** Longest call, in milliseconds. */
  readonly sendTimeoutMs: number;
  readonly aws: { readonly region: string; readonly endpoint: string | null };
  /** Domain of a channel's own sender; null: it has none. */
  readonly senderDomain: (channel: Channel) => string | null;
  /** The sandbox's. */
  readonly outbox: Outbox;
  /** Has a receipt come in at that time, even after a restart. */
  readonly reportLater: (receipt: ProviderReceipt, dueAtMs: number) => Promise<void>;
  /**
   * Takes units as a provider sent them: each is read, and ends as receipts, as counted ignored events or as a dead letter.
   * Resolves once the log has them. Rejects when it cannot have them now: the provider keeps them.
   */
  readonly receive: (identity: ProviderIdentity, source: ReaderSource, units: readonly Buffer[]) => Promise<void>;
  /** Takes what a provider answered when it was asked. Resolves once the log has it. */
  readonly answered: (identity: ProviderIdentity, readings: readonly Reading[]) => Promise<void>;
  /** Whose events these are: what goes wrong alongside a call, and will be tried again, is published as `trouble`. */
  readonly origin: Origin;
}

/** A provider as it is configured: the same type can be there under several names. */
export interface ProviderIdentity {
  readonly name: string;
  readonly channel: Channel;
}

export type FailureMeaning = Pick<Extract<SendOutcome, { reason: Reason }>, "kind" | "reason">;

/** What the provider's own codes mean. */
export interface ErrorTable {
  /** Of which codes. */
  readonly of: string;
  /** Where they are documented. */
  readonly source: string;
  readonly meanings: Readonly<Record<string, FailureMeaning>>;
}

/** A provider's call of our listener. */
export interface CallbackRequest {
  readonly method: string;
  /** As the provider was told it, with its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Fields of the form that was posted. */
  readonly form: Readonly<Record<string, string>>;
  /** Fields of query and form together. */
  readonly fields: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined where the body is none. */
  readonly json: unknown;
  readonly body: Buffer;
}

/** Where the units of a provider come from, other than by callbacks: a queue, a log that is read, or a connection of its own. */
export const readerSources = ["queue", "log", "connection"] as const;

export type ReaderSource = (typeof readerSources)[number];

/** Reads one unit. Throws CALLBACK_REFUSED, naming the field, when it is not what the provider documents. */
export type UnitReader<Options> = (unit: Buffer, options: Options) => Readings;

/** How a provider's callbacks are read. */
export interface CallbackReader<Options> {
  /** Checks the provider's own signature, where it has one: undefined when all is well, else what is wrong. */
  verify?(request: CallbackRequest, options: Options): string | undefined;
  /** Whether receipts come by callbacks with these options; they do unless it says otherwise. */
  expected?(options: Options): boolean;
  /** Whether these options restrict callbacks to messages that a third party signs, such as SNS. */
  signed?(options: Options): boolean;
  /** Other keys of its own that prove its callbacks, or that make them needless. */
  readonly alternatives?: string;
  /** What it reports. Throws CALLBACK_REFUSED, naming the field, when the whole is not what the provider documents. */
  read(request: CallbackRequest, options: Options): Readings;
}

interface DefinitionOf<Options extends z.ZodObject> {
  readonly type: string;
  /** What it is, in a few words. */
  readonly doc: string;
  readonly channels: readonly Channel[];
  /** Its own keys under `providers.<name>`. */
  readonly options: Options;
  /** What is missing before it can send: the key, and what to say of it. */
  missing?(options: z.output<Options>): readonly string[];
  readonly errors: readonly ErrorTable[];
  /** What its words for the state of an attempt mean, where it reports any. */
  readonly states?: ReceiptTable;
  /** What it reports by a connection of its own, where it does: resolves with how to stop hearing. */
  listen?(identity: ProviderIdentity, options: z.output<Options>, tools: ProviderTools): Promise<(() => Promise<void>) | undefined>;
  /** Loads the library that it needs, and no other. */
  create(identity: ProviderIdentity, options: z.output<Options>, tools: ProviderTools): Promise<Provider>;
  readonly callbacks?: CallbackReader<z.output<Options>>;
  /** How the units of its other sources are read. */
  readonly readers?: Readonly<Partial<Record<ReaderSource, UnitReader<z.output<Options>>>>>;
}

/** A type of provider: all that Carillon knows of it. */
export type ProviderDefinition = DefinitionOf<z.ZodObject>;

/** Checks a definition against its own options. The configuration parses those by the same schema, which makes the widening safe. */
export const defineProvider = <Options extends z.ZodObject>(definition: DefinitionOf<Options>): ProviderDefinition =>
  definition as unknown as ProviderDefinition;
