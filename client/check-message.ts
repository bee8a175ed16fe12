import type { z } from "zod";
import type { NumberType } from "../channels/phone-number.js";
import { checkRecipient } from "../channels/recipients.js";
import { smartEncode } from "../channels/smart-encoding.js";
import { countSmsSegments } from "../channels/sms-segments.js";
import type { Channel, Lane } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import { channels, isChannel, isLane, lanes } from "../schemas/vocabulary.js";
import { checkLines, checkSender } from "./check-lines.js";
import { explainIssue } from "./explain-issue.js";
import type { Finding } from "./finding.js";
import { messageInput, type ParsedMessage } from "./message-input.js";
import { checkTimes, warnOfTimes } from "./times.js";
import { checkVariables } from "./variables.js";
import { checkTexts } from "./well-formed.js";

export interface Limits {
  /** Most bytes of content, all parts together. */
  readonly contentBytes: number;
  readonly smsSegments: number;
  /** Most bytes of a push message, as the platforms count. */
  readonly pushBytes: number;
  /** Most bytes of metadata, names and values together. */
  readonly metadataBytes: number;
  /** Most bytes of a template's variables, as JSON. */
  readonly variablesBytes: number;
  /** How far ahead notBefore may lie; no message lives longer than this after it was due. Milliseconds. */
  readonly aheadMs: number;
  /** Types of phone numbers to which no SMS is sent. */
  readonly refuseNumberTypes: readonly NumberType[];
  /** Whether typographic characters of an SMS are replaced by those of GSM-7 where that saves parts. */
  readonly smartEncoding?: boolean;
}

/** 256 kB keeps a record well below the log's 1 MB; 10 parts is what networks reliably join; 4 KiB is what APNs and FCM take. */
export const defaultLimits: Limits = {
  contentBytes: 256 * 1024,
  smsSegments: 10,
  pushBytes: 4096,
  metadataBytes: 16 * 1024,
  variablesBytes: 64 * 1024,
  aheadMs: 60 * 86_400_000,
  refuseNumberTypes: ["premium_rate", "shared_cost", "pager", "voicemail"],
};

/** A message that passed: its recipient in normal form. */
export interface CheckedMessage extends ParsedMessage {
  readonly channel: Channel;
  readonly lane: Lane;
  /** Of the recipient, ISO 3166-1 alpha-2, where it tells one. */
  readonly country?: string;
}

export interface MessageCheck {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** There when there are no errors. */
  readonly message: CheckedMessage | undefined;
}

type Content = NonNullable<ParsedMessage["content"]>;

const bytesOf = ({ subject, text, html, title, data, attachments, replyTo, unsubscribeUrl }: Content): number =>
  [subject, text, html, title, replyTo, unsubscribeUrl, ...Object.entries(data ?? {}).flat()].reduce(
    (sum, part) => sum + Buffer.byteLength(part ?? ""),
    (attachments ?? []).reduce((sum, { content, filename }) => sum + content.length + filename.length, 0),
  );

type Part = keyof Content;

/** Of which parts a channel's messages are made. */
const partsOf: Readonly<Record<Channel, readonly Part[]>> = {
  email: ["subject", "text", "html", "attachments", "replyTo", "unsubscribeUrl"],
  sms: ["text"],
  push: ["title", "text", "data"],
};

/** Whether a part says something: an empty one is left out by producers in some languages, and written by others. */
const isGiven = (part: Content[Part]): boolean =>
  typeof part === "object" ? Object.keys(part).length > 0 : part !== undefined && part !== "";

/** What one content for several channels may hold: each channel takes its own of it. */
const wordsOfChannels: readonly Part[] = ["subject", "html", "title", "data"];

/** Parts that the channel does not carry. */
const strangeParts = (channel: Channel, content: Content): Part[] =>
  (Object.keys(content) as Part[]).filter((part) => isGiven(content[part]) && !partsOf[channel].includes(part));

/** A file or an address that the channel does not carry would be missed. */
const checkParts = (channel: Channel, content: Content): Finding[] =>
  strangeParts(channel, content)
    .filter((part) => !wordsOfChannels.includes(part))
    .map((part) => ({
      field: `content.${part}`,
      reason: "invalid_content",
      problem: `is there, and ${channel} carries none`,
      fix: `leave it out: ${channel} carries ${partsOf[channel].join(", ")}`,
    }));

/** An SMS's text as it is sent. */
const smsText = (text: string, { smartEncoding = false }: Limits): string => (smartEncoding ? smartEncode(text).text : text);

const checkSize = (channel: Channel, content: Content, limits: Limits): Finding[] => {
  const size = bytesOf(content);
  const most = channel === "push" ? limits.pushBytes : limits.contentBytes;
  if (size <= most) return [];
  const problem = `has ${size} bytes, at most ${most} are allowed`;
  return [{ field: "content", reason: "content_too_large", problem, fix: "shorten it, or link to the rest" }];
};

/** What a message with a template brings itself is checked as it is; the rest once it is rendered. */
const checkOwnParts = (channel: Channel, content: Content, limits: Limits): Finding[] => [
  ...checkLines(content),
  ...checkParts(channel, content),
  ...checkSize(channel, content, limits),
];

/** Checks rendered content against the channel's rules. */
export const checkContent = (channel: Channel, content: Content, limits: Limits): Finding[] => {
  const findings: Finding[] = [];
  const add = (field: string, reason: Reason, problem: string, fix: string): void => {
    findings.push({ field, reason, problem, fix });
  };
  const { text, html, title } = content;
  if (channel === "email" && !text && !html)
    add("content", "invalid_content", "has neither text nor html", "give content.text, content.html or both");
  if (channel === "sms" && !text) add("content.text", "invalid_content", "is missing", "give the text of the SMS");
  if (channel === "push" && !text && !title)
    add("content", "invalid_content", "has neither title nor text", "give content.title, content.text or both");
  findings.push(...checkLines(content), ...checkParts(channel, content));
  const tooLarge = checkSize(channel, content, limits);
  findings.push(...tooLarge);
  if (channel === "sms" && text && tooLarge.length === 0) {
    const { segments } = countSmsSegments(smsText(text, limits));
    if (segments > limits.smsSegments) {
      add("content.text", "content_too_large", `needs ${segments} parts, at most ${limits.smsSegments} are allowed`, "shorten the text");
    }
  }
  return findings;
};

const mostMetadata = 100;

const checkMetadata = (metadata: Readonly<Record<string, string>>, { metadataBytes }: Limits): Finding[] => {
  const entries = Object.entries(metadata);
  const bytes = entries.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const fix = "keep the rest on your side, under the message's id";
  const refusal = (problem: string): Finding[] => [{ field: "metadata", reason: "invalid_request", problem, fix }];
  if (entries.length > mostMetadata) return refusal(`has ${entries.length} entries, at most ${mostMetadata} are allowed`);
  return bytes > metadataBytes ? refusal(`has ${bytes} bytes, at most ${metadataBytes} are allowed`) : [];
};

const worthKnowing = (channel: Channel, lane: Lane, message: ParsedMessage, limits: Limits, nowMs: number): Finding[] => {
  const warnings: Finding[] = warnOfTimes(message, limits.aheadMs, nowMs);
  const warn = (field: string, problem: string, fix: string): void => {
    warnings.push({ field, reason: "invalid_content", problem, fix });
  };
  const { content } = message;
  for (const part of strangeParts(channel, content ?? {}))
    warn(`content.${part}`, `is not sent: ${channel} carries ${partsOf[channel].join(", ")}`, "leave it out unless other channels need it");
  if (channel === "email" && content && !content.subject)
    warn("content.subject", "is missing", "give a subject: many filters distrust mail without one");
  if (channel === "sms" && content?.text) {
    const { segments, encoding } = countSmsSegments(smsText(content.text, limits));
    if (segments > 1)
      warn("content.text", `is sent and billed as ${segments} parts (${encoding})`, "shorten it, or leave out characters beyond GSM-7");
  }
  if (lane === "critical" && message.expiresAt === undefined)
    warn("expiresAt", "is missing on a critical message", "say when it is of no use any more");
  return warnings;
};

/** Errors that are listed of one message, and characters of a field's name: a body of 1 MB must not make an answer of ten. */
const most = { errors: 50, nameCharacters: 200 } as const;

const nameOf = (path: readonly PropertyKey[]): string => {
  const name = path.map(String).join(".");
  return name.length > most.nameCharacters ? `${name.slice(0, most.nameCharacters)}…` : name;
};

const shapeErrors = function* (issues: readonly z.core.$ZodIssue[], input: unknown): Generator<Finding> {
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") {
      yield { field: nameOf(issue.path) || "message", reason: "invalid_request", ...explainIssue(issue, input) };
      continue;
    }
    for (const key of issue.keys) {
      const fix = "leave it out; your own data belongs in metadata";
      yield { field: nameOf([...issue.path, key]) || '""', reason: "invalid_request", problem: "is not a known field", fix };
    }
  }
};

const bounded = (findings: Iterable<Finding>): Finding[] => {
  const listed: Finding[] = [];
  for (const finding of findings) {
    if (listed.length === most.errors) {
      const problem = `has more than ${most.errors} errors`;
      return [...listed, { field: "message", reason: "invalid_request", problem, fix: "fix the errors above first" }];
    }
    listed.push(finding);
  }
  return listed;
};

const parse = (input: unknown): { readonly errors: Finding[]; readonly parsed: ParsedMessage | undefined } => {
  const result = messageInput.safeParse(input);
  if (result.success) return { errors: [], parsed: result.data };
  return { errors: bounded(shapeErrors(result.error.issues, input)), parsed: undefined };
};

/** The message's shape, and its texts: none of them may hold what UTF-8 cannot carry. */
const checkShape = (input: unknown): { readonly errors: Finding[]; readonly parsed: ParsedMessage | undefined } => {
  const illFormed = checkTexts(input);
  const shape = parse(input);
  if (illFormed.length === 0) return shape;
  const known = new Set(illFormed.map(({ field }) => field));
  return { errors: [...illFormed, ...shape.errors.filter(({ field }) => !known.has(field))], parsed: undefined };
};

/** Of what a sender wrote, an error quotes no more than this. */
const mostQuoted = 40;

/**
 * Checks a message as a sender wrote it. The client, the HTTP accepter and the validate stage all use this one function.
 * Everything wrong is told at once.
 */
export const checkMessage = (input: unknown, limits: Limits = defaultLimits, nowMs: number = Date.now()): MessageCheck => {
  const { errors: shapeErrors, parsed } = checkShape(input);
  if (!parsed) return { errors: shapeErrors, warnings: [], message: undefined };
  const errors: Finding[] = [];
  const lane = parsed.lane ?? "normal";
  if (!isLane(lane)) {
    errors.push({
      field: "lane",
      reason: "unknown_lane",
      problem: `"${lane.slice(0, mostQuoted)}" is not a lane`,
      fix: `give one of ${lanes.join(", ")}`,
    });
  }
  const { channel } = parsed;
  let { to } = parsed;
  let sender: { readonly from?: string } = {};
  let country: string | undefined;
  if (!isChannel(channel)) {
    errors.push({
      field: "channel",
      reason: "unknown_channel",
      problem: `"${channel.slice(0, mostQuoted)}" is not a channel`,
      fix: `give one of ${channels.join(", ")}`,
    });
  } else {
    const recipient = checkRecipient(channel, to, limits.refuseNumberTypes);
    if ("to" in recipient) ({ to, country } = recipient);
    else errors.push({ field: "to", reason: "invalid_recipient", problem: recipient.problem, fix: recipient.fix });
    const checked = checkSender(channel, parsed.from);
    errors.push(...checked.errors);
    sender = checked.sender;
    const check = parsed.template === undefined ? checkContent : checkOwnParts;
    errors.push(...check(channel, parsed.content ?? {}, limits));
  }
  errors.push(
    ...checkMetadata(parsed.metadata ?? {}, limits),
    ...checkVariables(parsed.variables ?? {}, limits.variablesBytes),
    ...checkTimes(parsed, limits.aheadMs, nowMs),
  );
  if (errors.length > 0 || !isChannel(channel) || !isLane(lane)) return { errors, warnings: [], message: undefined };
  return {
    errors,
    warnings: worthKnowing(channel, lane, parsed, limits, nowMs),
    message: { ...parsed, channel, lane, to, ...sender, ...(country ? { country } : {}) },
  };
};
