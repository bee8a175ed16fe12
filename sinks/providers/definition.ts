import type { Socket } from "node:net";
import type { z } from "zod";
import type { Origin } from "../../engine/diagnostics.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Reading, Readings } from "../../processors/reading.js";
import type { Channel, ProviderReceipt } from "../../schemas/generated.js";
import type { Reason } from "../../schemas/reasons.js";
import type { Mask } from "../../schemas/secret-mask.js";
import type { Clock } from "../../stores/clock.js";
import type { HttpConnections } from "../../wire/http-connections.js";
import type { TimeForm } from "../../wire/receipt-time.js";
import type { Outbox } from "../outbox.js";
import type { ReceiptTable } from "./receipt-table.js";

/** Connections to a provider's addresses, which check each address at the time of the connection. */
export interface ProviderConnections {
  readonly http: HttpConnections;
  /** `plain`: whether anything is sent without TLS. Rejects for an address that is not allowed. */
  socketTo(to: { readonly host: string; readonly port: number; readonly plain: boolean; readonly timeoutMs: number }): Promise<Socket>;
  close(): Promise<void>;
}

/** Dependencies of a provider, in addition to its own options. */
export interface ProviderTools {
  readonly clock: Clock;
  /** Timeout of a call, in milliseconds. */
  readonly sendTimeoutMs: number;
  readonly aws: { readonly region: string; readonly endpoint: string | null };
  /** For a tenant's own provider: it connects in no other way. Undefined: to any address. */
  readonly connections?: ProviderConnections | undefined;
  /** Domain of a channel's configured sender; null: none. */
  readonly senderDomain: (channel: Channel) => string | null;
  /** The sandbox's outbox. */
  readonly outbox: Outbox;
  /** Schedules a receipt for that time. The schedule survives a restart. */
  readonly reportLater: (receipt: ProviderReceipt, dueAtMs: number) => Promise<void>;
  /**
   * Accepts units as received from a provider. Each is parsed and ends as receipts, as counted ignored events, or as a dead letter.
   * Resolves once the log has stored them. Rejects if the log cannot store them now, in which case the provider keeps them.
   */
  readonly receive: (identity: ProviderIdentity, source: ReaderSource, units: readonly Buffer[]) => Promise<void>;
  /** Accepts a provider's answers to status queries. Resolves once the log has stored them. */
  readonly answered: (identity: ProviderIdentity, readings: readonly Reading[]) => Promise<void>;
  /** The origin of these events: errors outside a call that will be retried are published as `trouble`. */
  readonly origin: Origin;
}

/** A configured provider. The same type can be configured under several names. */
export interface ProviderIdentity {
  readonly name: string;
  readonly channel: Channel;
  /** For a tenant's own provider, which is not in the configuration. */
  readonly own?: { readonly receiptTimes: TimeForm; readonly mask: Mask };
}

export type FailureMeaning = Pick<Extract<SendOutcome, { reason: Reason }>, "kind" | "reason">;

/** The meaning of the provider's own codes. */
export interface ErrorTable {
  /** The kind of code. */
  readonly of: string;
  /** Where the codes are documented. */
  readonly source: string;
  readonly meanings: Readonly<Record<string, FailureMeaning>>;
}

/** A provider's request to Carillon's callback listener. */
export interface CallbackRequest {
  readonly method: string;
  /** The URL as given to the provider, including its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Fields of the posted form. */
  readonly form: Readonly<Record<string, string>>;
  /** Fields of query and form together. */
  readonly fields: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined if the body is not JSON. */
  readonly json: unknown;
  readonly body: Buffer;
}

/** Sources of a provider's units other than callbacks: a queue, a log that Carillon reads, or a separate connection. */
export const readerSources = ["queue", "log", "connection"] as const;

export type ReaderSource = (typeof readerSources)[number];

/** Parses one unit. Throws CALLBACK_REFUSED, naming the field, if it does not match the provider's documentation. */
export type UnitReader<Options> = (unit: Buffer, options: Options) => Readings;

/** How a provider's callbacks are parsed. */
export interface CallbackReader<Options> {
  /** Verifies the provider's own signature, if it has one. Returns undefined if valid, else the problem. */
  verify?(request: CallbackRequest, options: Options): string | undefined;
  /** Whether receipts arrive as callbacks with these options. Default: true. */
  expected?(options: Options): boolean;
  /** Whether these options accept only callbacks that a third party signs, such as SNS. */
  signed?(options: Options): boolean;
  /** Other options of the provider that authenticate its callbacks or make callbacks unnecessary. */
  readonly alternatives?: string;
  /** Parses the callback. Throws CALLBACK_REFUSED, naming the field, if the whole does not match the provider's documentation. */
  read(request: CallbackRequest, options: Options): Readings;
}

/**
 * Whether tenants may have providers of a type. Such a type calls only the addresses in its options, over `tools.connections`, and uses no
 * credentials or files of the machine. `without`: options that tenants cannot give. `required`: options that
 * they must give, because the default is for the operator.
 */
export type TenantUse =
  | { readonly allowed: true; readonly without: readonly string[]; readonly required?: readonly string[] }
  /** Why not: an end of a sentence that begins with the type. */
  | { readonly allowed: false; readonly because: string };

interface DefinitionOf<Options extends z.ZodObject> {
  readonly type: string;
  /** A short description. */
  readonly doc: string;
  readonly channels: readonly Channel[];
  readonly tenantUse: TenantUse;
  /** The provider's own keys under `providers.<name>`. */
  readonly options: Options;
  /** Describes each missing requirement for sending: the key and the problem. */
  missing?(options: z.output<Options>): readonly string[];
  readonly errors: readonly ErrorTable[];
  /** The meaning of the provider's states of an attempt, if it reports any. */
  readonly states?: ReceiptTable;
  /** Receives receipts over a separate connection, if the provider has one. Resolves with a function that stops it. */
  listen?(identity: ProviderIdentity, options: z.output<Options>, tools: ProviderTools): Promise<(() => Promise<void>) | undefined>;
  /** Creates the provider and loads only the library that it needs. */
  create(identity: ProviderIdentity, options: z.output<Options>, tools: ProviderTools): Promise<Provider>;
  /** Its receipts of delivery report that another service accepted the message, not that it arrived. */
  readonly confirmsAcceptanceOnly?: true;
  readonly callbacks?: CallbackReader<z.output<Options>>;
  /** How units from the provider's other sources are parsed. */
  readonly readers?: Readonly<Partial<Record<ReaderSource, UnitReader<z.output<Options>>>>>;
}

/** Everything that Carillon needs to use a type of provider. */
export type ProviderDefinition = DefinitionOf<z.ZodObject>;

/** Checks a definition against its own options. The configuration parses those by the same schema, which makes the widening safe. */
export const defineProvider = <Options extends z.ZodObject>(definition: DefinitionOf<Options>): ProviderDefinition =>
  definition as unknown as ProviderDefinition;
