import { z } from "zod";
import { readInstant } from "./instant.js";
import { readMailboxes, writeMailbox } from "./mailbox.js";
import { readMediaType } from "./media-type.js";
import { nameProblem, tenantProblem } from "./one-line.js";
import { isRefusal, type Refusal } from "./refusal.js";
import { readUnsubscribeUrl } from "./unsubscribe-url.js";
import type { Variable } from "./variables.js";

const instant = z
  .union([z.string(), z.number()], { error: "is not a time" })
  .transform((given, context): number => {
    const read = readInstant(given);
    if (typeof read === "number") return read;
    context.issues.push({ code: "custom", message: read.problem, params: { fix: read.fix }, input: given });
    return z.NEVER;
  })
  .describe("ISO 8601 with an offset, or milliseconds since 1970 UTC");

/** Their values are checked by checkVariables, which counts before it looks. */
const variables = z.record(z.string(), z.unknown() as unknown as z.ZodType<Variable, Variable>);

/** Bytes in base64, as JSON carries them, or as they are. */
const bytes = z
  .union([z.base64().transform((text) => Buffer.from(text, "base64")), z.instanceof(Buffer)], { error: "is not base64" })
  .describe("bytes, in base64");

/** A text that one of the readers brings into its normal form, or refuses in words. */
const readBy = (read: (text: string) => string | Refusal) =>
  z.string().transform((text, context) => {
    const value = read(text);
    if (typeof value === "string") return value;
    context.addIssue({ code: "custom", message: value.problem, params: { fix: value.fix } });
    return z.NEVER;
  });

const mostFileNameCharacters = 255;

const fileName = readBy((text) => {
  const problem = text.trim() === "" ? "is empty" : nameProblem(text);
  const fix = `give a name of at most ${mostFileNameCharacters} characters, such as invoice.pdf`;
  if (problem) return { problem, fix };
  return text.length > mostFileNameCharacters ? { problem: `has ${text.length} characters`, fix } : text;
});

/** As a Content-ID header carries it, without its angle brackets. Source: RFC 2392, 2; RFC 5322, 3.6.4. */
const contentId = readBy((text) =>
  /^[\w!#$%&'*+./=?^`{|}~@-]{1,255}$/.test(text)
    ? text
    : {
        problem: "is not a content id",
        fix: "give at most 255 ASCII letters, digits and marks without spaces, such as logo or logo@shop.example",
      },
);

const replyTo = readBy((text) => {
  const read = readMailboxes(text);
  return isRefusal(read) ? read : read.map(writeMailbox).join(", ");
});

const attachment = z.strictObject({
  filename: fileName.describe("name that the recipient sees"),
  contentType: readBy((text) => {
    const read = readMediaType(text);
    return isRefusal(read) ? read : read.mediaType;
  })
    .default("application/octet-stream")
    .describe("media type, with parameters where it has some"),
  content: bytes,
  contentId: contentId.optional().describe("by which the HTML part shows it (cid:…)"),
});

/** What a sender writes: the body of `POST /v1/messages`, a line of an import file, the argument of the client's `send`. */
export const messageInput = z.strictObject({
  channel: z.string().min(1).describe("email, sms or push"),
  to: z.string().min(1).describe("email address, E.164 number or device endpoint"),
  lane: z.string().optional().describe("critical, high, normal (default) or bulk"),
  content: z
    .strictObject({
      subject: z.string().optional(),
      text: z.string().optional(),
      html: z.string().optional(),
      title: z.string().optional(),
      data: z.record(z.string(), z.string()).optional(),
      attachments: z.array(attachment).max(20).optional().describe("email: files"),
      replyTo: replyTo.optional().describe("email: up to 10 addresses, with or without names, to which answers go"),
      unsubscribeUrl: readBy((text) => {
        const read = readUnsubscribeUrl(text);
        return isRefusal(read) ? read : read.url;
      })
        .optional()
        .describe("email: https address that takes a POST and ends the subscription (RFC 8058)"),
    })
    .optional(),
  template: z.string().min(1).max(200).optional().describe("name of a configured template"),
  variables: variables.optional().describe("values for the template: strings, numbers, booleans, null, and lists and maps of these"),
  tenant: readBy((text) => {
    const problem = tenantProblem(text);
    return problem === undefined ? text : { problem, fix: "give one line of at most 128 characters" };
  }).optional(),
  from: z.string().min(1).max(500).optional().describe("sender, where the default will not do"),
  idempotencyKey: z.string().min(1).max(256).optional().describe("requests of one tenant with one key are one message"),
  notBefore: instant.optional(),
  expiresAt: instant.optional(),
  metadata: z.record(z.string(), z.string()).optional().describe("given back in feedback; never sent"),
});

export type MessageInput = z.input<typeof messageInput>;
export type ParsedMessage = z.output<typeof messageInput>;
