import type { z } from "zod";
import type { ContentPart, TextPart } from "./content-parts.js";
import type { Finding } from "./finding.js";
import type { Refusal } from "./refusal.js";

/** A recipient in its normal form, with its country (ISO 3166-1 alpha-2) where it has one; or why it is none. */
export type RecipientCheck = { readonly to: string; readonly country?: string } | Refusal;

/** A sender in its normal form, and what identifies it: the address without a name, the number or sender id. */
export interface Sender {
  readonly from: string;
  readonly identity: string;
  /** Of an email address, in A-labels. */
  readonly domain?: string;
}

/** The texts of a content; null or absent where there is none. */
export type Texts = { readonly [Part in TextPart]?: string | null };

/** Texts as the channel sends them, and what lineage keeps of the change. */
export interface CompletedTexts {
  readonly texts: Texts;
  readonly details: Readonly<Record<string, string>>;
}

interface RecipientRules<Settings> {
  /** What a recipient is, with its article: "an email address". */
  readonly wanted: string;
  /** What the documentation of the message's fields adds, a sentence or two each. */
  readonly docs: readonly string[];
  /** Reads a recipient and brings it into its normal form. Without settings no kind of recipient is refused. */
  check(to: string, settings?: Settings): RecipientCheck;
  /** Whether an address that a receipt names is certainly not the message's recipient. Forms that cannot be compared differ in nothing. */
  differs(recipient: string, named: string): boolean;
}

interface SenderRules {
  /** What a sender is, with its article; undefined where senders are not documented. */
  readonly wanted?: string;
  /** The same as the documentation of the message's fields puts it. */
  readonly doc?: string;
  read(text: string): Sender | Refusal;
  /** Whether a real provider can send nothing without a sender. */
  readonly isNeeded?: boolean;
  /** Whether `@domain` stands for all senders of a domain. */
  readonly hasDomains?: boolean;
}

interface ContentRules<Settings> {
  /** The parts that a message carries; those that people read are also the parts of a template. */
  readonly parts: readonly ContentPart[];
  /** One of these must be there. */
  readonly needs: readonly TextPart[];
  /** Most bytes of all parts together; `limits.contentBytes` unless it is given. */
  mostBytes?(settings: Settings): number;
  /** Further rules for content that is not too large. */
  check?(texts: Texts, settings: Settings): Finding[];
  /** What is allowed, and may not be what the sender meant. */
  warn?(texts: Texts, settings: Settings): Finding[];
  /** Changes texts after templates are rendered. */
  complete?(texts: Texts, settings: Settings): CompletedTexts;
  /** How many parts are billed, where a message can be billed as several. */
  segments?(texts: Texts): number;
}

/** How the console asks for a message, and shows one in the sandbox's outbox. */
export interface ChannelForm {
  /** Texts that the form asks for, in order; the last one may be long. */
  readonly fields: readonly { readonly part: TextPart; readonly label: string }[];
  /** letter: subject, HTML and files; phone: a bubble. */
  readonly shownAs: "letter" | "phone";
}

/** How the sandbox's magic recipients look. */
export interface SandboxRules {
  /** A recipient to try. */
  readonly example: string;
  /** How a recipient asks for a behaviour, for the documentation. */
  readonly doc: string;
  /** Whether the recipient asks for the behaviour. `digits`: four that stand for it in numbers. */
  asksFor(to: string, behaviour: { readonly name: string; readonly digits: string }): boolean;
}

/** What differs between channels in the configuration's defaults, in milliseconds. */
export interface ChannelDefaults {
  readonly expiresAfterMs: number;
  /** A provider that is silent for this long: the message is closed as expired. */
  readonly receiptDeadlineMs: number;
  /** Delay after the first failed attempt. */
  readonly retryBaseMs: number;
}

/** The rules of a channel, for whoever has all settings of all channels. */
export interface ChannelRules<Settings> {
  /** What it is called in sentences. */
  readonly label: string;
  readonly recipient: RecipientRules<Settings>;
  readonly sender: SenderRules;
  readonly content: ContentRules<Settings>;
  readonly defaults: ChannelDefaults;
  readonly form: ChannelForm;
  readonly sandbox: SandboxRules;
  /** Whether an app registers devices at `/v1/<channel>/endpoints`. */
  readonly hasEndpoints?: boolean;
}

/** The values of a set of keys. Not as zod has it: of no keys it makes a record that has none at all. */
type ValuesOf<Keys extends z.ZodRawShape> = { readonly [Key in keyof Keys]: z.output<Keys[Key]> };

/** What the rules of a channel go by: its own keys. */
export type SettingsOf<Limits extends z.ZodRawShape, Options extends z.ZodRawShape> = ValuesOf<Limits> & Partial<ValuesOf<Options>>;

/** A channel: all that Carillon knows of it lies in one file. */
export interface ChannelDefinition<Limits extends z.ZodRawShape, Options extends z.ZodRawShape>
  extends ChannelRules<SettingsOf<Limits, Options>> {
  /** Its own keys under `limits`. No two channels may have one of the same name, there or in `options`. */
  readonly limits: Limits;
  /** Its own keys under `channels.<name>`. */
  readonly options: Options;
}

/** Checks a definition against its own keys. */
export const defineChannel = <Limits extends z.ZodRawShape, Options extends z.ZodRawShape>(
  definition: ChannelDefinition<Limits, Options>,
): ChannelDefinition<Limits, Options> => definition;
