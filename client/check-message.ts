import type { z } from "zod";
import type { Finding } from "../channels/finding.js";
import { checkRecipient } from "../channels/recipients.js";
import type { Channel, Lane } from "../schemas/generated.js";
import { channels, defaultLane, isChannel, isLane, lanes } from "../schemas/vocabulary.js";
import { checkContent, checkOwnParts, warnOfContent } from "./check-content.js";
import { checkSender } from "./check-lines.js";
import type { InputWords } from "./explain-issue.js";
import { fieldAt } from "./field-reference.js";
import { defaultLimits, type Limits } from "./limits.js";
import { absentFields, messageInput, messageStored } from "./message-input.js";
import type { ParsedMessage } from "./parsed-message.js";
import { boundedFindings, shapeErrors } from "./shape-errors.js";
import { checkTimes, warnOfTimes } from "./times.js";
import { type MessageForm, type ValidFields, validFieldsOf } from "./valid-fields.js";
import { checkVariables } from "./variables.js";
import { checkTexts } from "./well-formed.js";

/** A valid message, with its recipient in normal form. */
export interface CheckedMessage extends ParsedMessage {
  readonly channel: Channel;
  readonly lane: Lane;
  /** The recipient's country, ISO 3166-1 alpha-2, if known. */
  readonly country: string | null;
}

export interface MessageCheck {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Present if there are no errors. */
  readonly message: CheckedMessage | undefined;
}

const mostMetadata = 100;

const checkMetadata = (metadata: Readonly<Record<string, string>>, { metadataBytes }: Limits): Finding[] => {
  const entries = Object.entries(metadata);
  const bytes = entries.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const fix = "store the rest in your own system, under the message's id";
  const refusal = (problem: string): Finding[] => [{ field: "metadata", reason: "invalid_request", problem, fix }];
  if (entries.length > mostMetadata) return refusal(`has ${entries.length} entries, at most ${mostMetadata} are allowed`);
  return bytes > metadataBytes ? refusal(`has ${bytes} bytes, at most ${metadataBytes} are allowed`) : [];
};

const worthKnowing = (channel: Channel, lane: Lane, message: ParsedMessage, limits: Limits, nowMs: number): Finding[] => {
  const { content, template } = message;
  const warnings = [
    ...warnOfTimes(message, limits.maxScheduleAheadMs, nowMs),
    ...warnOfContent(channel, content, limits, template !== null),
  ];
  if (lane === "critical" && message.expiresAt === null) {
    const problem = "is missing on a critical message";
    warnings.push({ field: "expiresAt", reason: "invalid_content", problem, fix: "give the time after which the message is useless" });
  }
  return warnings;
};

const words: InputWords = {
  whole: "message",
  wanted: "give an object with channel, to, and content or template",
  unknownField: "leave it out; your own data belongs in metadata",
  fieldAt,
};

/** Paths of the invalid fields and parts. */
const pathsOf = (issue: z.core.$ZodIssue): (readonly PropertyKey[])[] =>
  issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];

const bounded = (findings: Iterable<Finding>): Finding[] => boundedFindings(findings, words.whole);

/** Checks the message's shape and its texts, which must be valid UTF-8. `fields`: undefined if no field is valid. */
const checkShape = (input: unknown, form: MessageForm): { readonly errors: Finding[]; readonly fields: ValidFields | undefined } => {
  const illFormed = checkTexts(input);
  const result = form.shape.safeParse(input);
  if (result.success && illFormed.length === 0) return { errors: [], fields: { parsed: result.data, invalid: new Set() } };
  const issues = result.error?.issues ?? [];
  const known = new Set(illFormed.map(({ field }) => field));
  const wrong = bounded(shapeErrors(issues, input, words)).filter(({ field }) => !known.has(field));
  const paths = [...illFormed.map(({ field }) => field.split(".")), ...issues.flatMap(pathsOf)];
  return { errors: [...illFormed, ...wrong], fields: validFieldsOf(input, paths, form) };
};

/** Most characters of a sender's text that an error quotes. */
const mostQuoted = 40;

const checkLane = (lane: string): Finding[] =>
  isLane(lane)
    ? []
    : [
        {
          field: "lane",
          reason: "unknown_lane",
          problem: `"${lane.slice(0, mostQuoted)}" is not a lane`,
          fix: `give one of ${lanes.join(", ")}`,
        },
      ];

const unknownChannel = (channel: string): Finding => ({
  field: "channel",
  reason: "unknown_channel",
  problem: `"${channel.slice(0, mostQuoted)}" is not a channel`,
  fix: `give one of ${channels.join(", ")}`,
});

type Ends = Pick<CheckedMessage, "to" | "from" | "country">;

/** Checks recipient, sender and content by the rules of the channel. */
const checkByChannel = (channel: Channel, { parsed, invalid }: ValidFields, limits: Limits): Ends & { readonly errors: Finding[] } => {
  const errors: Finding[] = [];
  let { to } = parsed;
  let country: string | null = null;
  if (!invalid.has("to")) {
    const recipient = checkRecipient(channel, to, limits);
    if ("to" in recipient) ({ to, country = null } = recipient);
    else errors.push({ field: "to", reason: "invalid_recipient", problem: recipient.problem, fix: recipient.fix });
  }
  const sender = checkSender(channel, parsed.from);
  // content with an invalid part, or possibly of a template, may lack parts
  const isWhole = parsed.template === null && !invalid.has("template") && !invalid.has("content");
  const checkParts = isWhole ? checkContent : checkOwnParts;
  errors.push(...sender.errors, ...checkParts(channel, parsed.content, limits));
  return { to, from: sender.from, country, errors };
};

/** The missing content of a message whose channel, which decides the parts it needs, is not known. */
const missingContent = ({ parsed: { content, template }, invalid }: ValidFields): Finding[] => {
  const isGiven = template !== null || Object.values(content).some((part) => part !== null && Object.keys(Object(part)).length > 0);
  if (isGiven || invalid.has("template") || invalid.has("content")) return [];
  return [{ field: "content", reason: "invalid_content", problem: "is missing", fix: "give content, or the name of a template" }];
};

const check = (input: unknown, form: MessageForm, limits: Limits, nowMs: number): MessageCheck => {
  const { errors, fields } = checkShape(input, form);
  if (!fields) return { errors, warnings: [], message: undefined };
  const { parsed, invalid } = fields;
  const { channel } = parsed;
  const lane = parsed.lane ?? defaultLane;
  errors.push(...checkLane(lane));
  const ends = isChannel(channel) ? checkByChannel(channel, fields, limits) : undefined;
  if (ends) errors.push(...ends.errors);
  else errors.push(...(invalid.has("channel") ? [] : [unknownChannel(channel)]), ...missingContent(fields));
  errors.push(
    ...checkMetadata(parsed.metadata, limits),
    ...checkVariables(parsed.variables, limits.variablesBytes),
    ...checkTimes(parsed, limits.maxScheduleAheadMs, nowMs),
  );
  if (errors.length > 0 || !ends || !isChannel(channel) || !isLane(lane))
    return { errors: bounded(errors), warnings: [], message: undefined };
  const { to, from, country } = ends;
  return {
    errors,
    warnings: worthKnowing(channel, lane, parsed, limits, nowMs),
    message: { ...parsed, channel, lane, to, from, country },
  };
};

const sent: MessageForm = { shape: messageInput, absent: {} };
const stored: MessageForm = { shape: messageStored, absent: absentFields };

/** Checks a sender's message, in the client and where Carillon accepts messages over HTTP. Reports all problems at once. */
export const checkMessage = (input: unknown, limits: Limits = defaultLimits, nowMs: number = Date.now()): MessageCheck =>
  check(input, sent, limits, nowMs);

/** Checks a message in a record by the same rules, because a record may have any origin. */
export const checkStored = (record: unknown, limits: Limits, nowMs: number): MessageCheck => check(record, stored, limits, nowMs);
