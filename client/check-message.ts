import type { z } from "zod";
import type { Finding } from "../channels/finding.js";
import { checkRecipient } from "../channels/recipients.js";
import type { Channel, Lane } from "../schemas/generated.js";
import { channels, defaultLane, isChannel, isLane, lanes } from "../schemas/vocabulary.js";
import { checkContent, checkOwnParts, warnOfContent } from "./check-content.js";
import { checkSender } from "./check-lines.js";
import { explainIssue } from "./explain-issue.js";
import { defaultLimits, type Limits } from "./limits.js";
import { messageInput, messageStored } from "./message-input.js";
import type { ParsedMessage } from "./parsed-message.js";
import { checkTimes, warnOfTimes } from "./times.js";
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
  const warnings = [...warnOfTimes(message, limits.aheadMs, nowMs), ...warnOfContent(channel, content, limits, template !== null)];
  if (lane === "critical" && message.expiresAt === null) {
    const problem = "is missing on a critical message";
    warnings.push({ field: "expiresAt", reason: "invalid_content", problem, fix: "give the time after which the message is useless" });
  }
  return warnings;
};

/** Most errors listed for one message, and most characters of a field's name: a body of 1 MB must not cause an answer of ten. */
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

type Shape = z.ZodType<ParsedMessage>;

const parse = (input: unknown, shape: Shape): { readonly errors: Finding[]; readonly parsed: ParsedMessage | undefined } => {
  const result = shape.safeParse(input);
  if (result.success) return { errors: [], parsed: result.data };
  return { errors: bounded(shapeErrors(result.error.issues, input)), parsed: undefined };
};

/** Checks the message's shape and its texts, which must be valid UTF-8. */
const checkShape = (input: unknown, shape: Shape): { readonly errors: Finding[]; readonly parsed: ParsedMessage | undefined } => {
  const illFormed = checkTexts(input);
  const parsed = parse(input, shape);
  if (illFormed.length === 0) return parsed;
  const known = new Set(illFormed.map(({ field }) => field));
  return { errors: [...illFormed, ...parsed.errors.filter(({ field }) => !known.has(field))], parsed: undefined };
};

/** Most characters of a sender's text that an error quotes. */
const mostQuoted = 40;

const check = (input: unknown, shape: Shape, limits: Limits, nowMs: number): MessageCheck => {
  const { errors: shapeErrors, parsed } = checkShape(input, shape);
  if (!parsed) return { errors: shapeErrors, warnings: [], message: undefined };
  const errors: Finding[] = [];
  const lane = parsed.lane ?? defaultLane;
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
  let { from } = parsed;
  let country: string | null = null;
  if (!isChannel(channel)) {
    errors.push({
      field: "channel",
      reason: "unknown_channel",
      problem: `"${channel.slice(0, mostQuoted)}" is not a channel`,
      fix: `give one of ${channels.join(", ")}`,
    });
  } else {
    const recipient = checkRecipient(channel, to, limits);
    if ("to" in recipient) ({ to, country = null } = recipient);
    else errors.push({ field: "to", reason: "invalid_recipient", problem: recipient.problem, fix: recipient.fix });
    const checked = checkSender(channel, from);
    errors.push(...checked.errors);
    from = checked.from;
    const checkParts = parsed.template === null ? checkContent : checkOwnParts;
    errors.push(...checkParts(channel, parsed.content, limits));
  }
  errors.push(
    ...checkMetadata(parsed.metadata, limits),
    ...checkVariables(parsed.variables, limits.variablesBytes),
    ...checkTimes(parsed, limits.aheadMs, nowMs),
  );
  if (errors.length > 0 || !isChannel(channel) || !isLane(lane)) return { errors, warnings: [], message: undefined };
  return {
    errors,
    warnings: worthKnowing(channel, lane, parsed, limits, nowMs),
    message: { ...parsed, channel, lane, to, from, country },
  };
};

/** Checks a sender's message, in the client and where Carillon accepts messages over HTTP. Reports all problems at once. */
export const checkMessage = (input: unknown, limits: Limits = defaultLimits, nowMs: number = Date.now()): MessageCheck =>
  check(input, messageInput, limits, nowMs);

/** Checks a message in a record by the same rules, because a record may have any origin. */
export const checkStored = (record: unknown, limits: Limits, nowMs: number): MessageCheck => check(record, messageStored, limits, nowMs);
