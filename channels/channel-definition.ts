import type { z } from "zod";
import type { ContentPart, TextPart } from "./content-parts.js";
import type { Finding } from "./finding.js";
import type { Refusal } from "./refusal.js";

/** A recipient in its normal form, with its country (ISO 3166-1 alpha-2) if any; or the refusal. */
export type RecipientCheck = { readonly to: string; readonly country?: string } | Refusal;

/** A sender in its normal form, with its identity: the address without a name, the number, or the sender id. */
export interface Sender {
  readonly from: string;
  readonly identity: string;
  /** Domain of an email address, in A-labels. */
  readonly domain?: string;
}

/** The texts of a content; null or absent if missing. */
export type Texts = { readonly [Part in TextPart]?: string | null };

/** Texts in the channel's form, and the changes that lineage records. */
export interface CompletedTexts {
  readonly texts: Texts;
  readonly details: Readonly<Record<string, string>>;
}

interface RecipientRules<Settings> {
  /** A recipient's description, with its article: "an email address". */
  readonly wanted: string;
  /** Additions to the documentation of the message's fields, a sentence or two each. */
  readonly docs: readonly string[];
  /** Parses a recipient and normalizes it. Without settings, no kind of recipient is refused. */
  check(to: string, settings?: Settings): RecipientCheck;
  /** Whether an address in a receipt is certainly not the message's recipient. Forms that cannot be compared count as equal. */
  isDifferentRecipient(recipient: string, named: string): boolean;
}

interface SenderRules {
  /** A sender's description, with its article; undefined if senders are not documented. */
  readonly wanted?: string;
  /** The same in the documentation of the message's fields. */
  readonly doc?: string;
  read(text: string): Sender | Refusal;
  /** Whether every real provider requires a sender. */
  readonly isNeeded?: boolean;
  /** Whether `@domain` means all senders of a domain. */
  readonly hasDomains?: boolean;
}

interface ContentRules<Settings> {
  /** The parts of a message. Parts for people are also the parts of a template. */
  readonly parts: readonly ContentPart[];
  /** At least one of these is required. */
  readonly requiresOneOf: readonly TextPart[];
  /** Maximum bytes of all parts together; default: `limits.contentBytes`. */
  maxBytes?(settings: Settings): number;
  /** Further rules for content within the size limit. */
  check?(texts: Texts, settings: Settings): Finding[];
  /** Warnings: allowed content that may be a mistake. */
  warn?(texts: Texts, settings: Settings): Finding[];
  /** Changes texts after templates are rendered. */
  complete?(texts: Texts, settings: Settings): CompletedTexts;
  /** Number of billed parts, if a message can have several. */
  segments?(texts: Texts): number;
}

/** The console's form for a message, and its view in the sandbox's outbox. */
export interface ChannelForm {
  /** The form's text fields, in order. The last one may be long. */
  readonly fields: readonly { readonly part: TextPart; readonly label: string }[];
  /** letter: subject, HTML and files; phone: a bubble. */
  readonly preview: "letter" | "phone";
}

/** The format of the sandbox's magic recipients. */
export interface SandboxRules {
  /** An example recipient. */
  readonly example: string;
  /** How a recipient selects a behavior, for the documentation. */
  readonly doc: string;
  /** Whether the recipient selects the behavior. `digits`: its four digits in phone numbers. */
  matches(to: string, behavior: { readonly name: string; readonly digits: string }): boolean;
}

/** The configuration defaults that differ between channels, in milliseconds. */
export interface ChannelDefaults {
  readonly expiresAfterMs: number;
  /** After this long without a receipt the message ends as expired. */
  readonly receiptDeadlineMs: number;
  /** Delay after the first failed attempt. */
  readonly retryBaseMs: number;
}

/** A channel's rules, for callers with the settings of all channels. */
export interface ChannelRules<Settings> {
  /** The name in sentences. */
  readonly label: string;
  readonly recipient: RecipientRules<Settings>;
  readonly sender: SenderRules;
  readonly content: ContentRules<Settings>;
  readonly defaults: ChannelDefaults;
  readonly form: ChannelForm;
  readonly sandbox: SandboxRules;
  /** Whether apps register devices at `/v1/<channel>/endpoints`. */
  readonly hasEndpoints?: boolean;
}

/** The values of a set of keys. zod's own type for no keys is a record without any. */
type ValuesOf<Keys extends z.ZodRawShape> = { readonly [Key in keyof Keys]: z.output<Keys[Key]> };

/** The settings for a channel's rules: its own keys. */
export type SettingsOf<Limits extends z.ZodRawShape, Options extends z.ZodRawShape> = ValuesOf<Limits> & Partial<ValuesOf<Options>>;

/** A channel, defined completely in one file. */
export interface ChannelDefinition<Limits extends z.ZodRawShape, Options extends z.ZodRawShape>
  extends ChannelRules<SettingsOf<Limits, Options>> {
  /** The channel's keys under `limits`. Keys must be unique across channels, here and in `options`. */
  readonly limits: Limits;
  /** The channel's keys under `channels.<name>`. */
  readonly options: Options;
}

/** Checks a definition against its own keys. */
export const defineChannel = <Limits extends z.ZodRawShape, Options extends z.ZodRawShape>(
  definition: ChannelDefinition<Limits, Options>,
): ChannelDefinition<Limits, Options> => definition;
