import { z } from "zod";
import { inWords } from "../channels/in-words.js";
import { readReplyTo, writeMailbox } from "../channels/mailbox.js";
import { readMediaType } from "../channels/media-type.js";
import { headerProblem, nameProblem, tenantProblem } from "../channels/one-line.js";
import { isRefusal, type Refusal } from "../channels/refusal.js";
import { rulesOf } from "../channels/rules-of.js";
import { readUnsubscribeUrl } from "../channels/unsubscribe-url.js";
import { channels } from "../schemas/vocabulary.js";
import { readInstant } from "./instant.js";
import { messagePartProblem } from "./message-part.js";
import type { Variable } from "./variables.js";

const instant = z
  .union([z.string(), z.number()], { error: "is not a time" })
  .transform((given, context): number => {
    const read = readInstant(given);
    if (typeof read === "number") return read;
    context.issues.push({ code: "custom", message: read.problem, params: { fix: read.fix }, input: given });
    return z.NEVER;
  })
  .meta({ wanted: "a time in ISO 8601 with an offset (2027-01-31T09:00:00Z), or milliseconds since 1970 UTC" });

/** Their values are checked by checkVariables, which counts before it looks. */
const variables = z.record(z.string(), z.unknown() as unknown as z.ZodType<Variable, Variable>);

/** Bytes in base64, as JSON carries them, or as they are. */
const bytes = z
  .union([z.base64().transform((text) => Buffer.from(text, "base64")), z.instanceof(Buffer)], { error: "is not base64" })
  .describe("its bytes")
  .meta({ wanted: "bytes in base64" });

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
  const problem = text.trim() === "" ? "is empty" : (nameProblem(text) ?? headerProblem(text));
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
  const read = readReplyTo(text);
  return isRefusal(read) ? read : read.map(writeMailbox).join(", ");
});

const attachmentFields = z.strictObject({
  filename: fileName.describe("name that the recipient sees").meta({ wanted: "one line of at most 255 characters" }),
  contentType: readBy((text) => {
    const read = readMediaType(text);
    return isRefusal(read) ? read : read.mediaType;
  })
    .default("application/octet-stream")
    .describe("its kind; application/octet-stream where none is given")
    .meta({ wanted: "a media type such as application/pdf or text/calendar; method=REQUEST" }),
  content: bytes,
  contentId: contentId
    .optional()
    .describe("by which the HTML part shows it (cid:…)")
    .meta({ wanted: "at most 255 ASCII letters, digits and marks without spaces" }),
});

const attachment = attachmentFields.superRefine(({ contentType, content }, context) => {
  const problem = messagePartProblem(contentType, content);
  if (problem === undefined) return;
  const fix = "give the media type application/octet-stream, or a message in 7 bits with lines of at most 998 bytes";
  context.addIssue({ code: "custom", path: ["content"], message: problem, params: { fix } });
});

const rules = channels.map(rulesOf);

/** Phrases as alternatives. */
const anyOf = (phrases: readonly string[]): string => [...phrases.slice(0, -1), `or ${phrases.at(-1)}`].join(", ");

/** What a sender writes: the body of `POST /v1/messages`, a line of an import file, the argument of the client's `send`. */
export const messageInput = z.strictObject({
  channel: z
    .string()
    .min(1)
    .describe("by which channel it is sent")
    .meta({ wanted: inWords(channels) }),
  to: z
    .string()
    .min(1)
    .describe("who receives it")
    .meta({ wanted: `${anyOf(rules.map(({ recipient }) => recipient.wanted))}, by the channel` }),
  lane: z.string().optional().describe("how urgent it is; normal where none is given").meta({ wanted: "critical, high, normal or bulk" }),
  content: z
    .strictObject({
      subject: z.string().optional().describe("email: the subject").meta({ wanted: "one line of at most 900 bytes" }),
      text: z.string().optional().describe("the plain text; the whole of an SMS"),
      html: z.string().optional().describe("email: the HTML part"),
      title: z.string().optional().describe("push: the title").meta({ wanted: "one line of at most 900 bytes" }),
      data: z.record(z.string(), z.string()).optional().describe("push: data for the app"),
      attachments: z.array(attachment).max(20).optional().describe("email: files"),
      replyTo: replyTo
        .optional()
        .describe("email: where answers go")
        .meta({ wanted: 'up to 10 addresses, with or without names: "Support" <someone@example.com>' }),
      unsubscribeUrl: readBy((text) => {
        const read = readUnsubscribeUrl(text);
        return isRefusal(read) ? read : read.url;
      })
        .optional()
        .describe("email: takes a POST and ends the subscription (RFC 8058)")
        .meta({ wanted: "an https address of at most 900 characters" }),
    })
    .optional()
    .describe("what the recipient gets; parts of other channels are not sent"),
  template: z.string().min(1).max(200).optional().describe("name of a configured template"),
  variables: variables
    .optional()
    .describe("values for the template")
    .meta({ wanted: "an object of strings, numbers, booleans, null, and lists and maps of these" }),
  tenant: readBy((text) => {
    const problem = tenantProblem(text);
    return problem === undefined ? text : { problem, fix: "give one line of at most 128 characters" };
  })
    .optional()
    .describe("whose message it is; the key's tenant where none is given")
    .meta({ wanted: "one line of at most 128 characters" }),
  from: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe("sender, where the configured one will not do; one that the tenant may use")
    .meta({ wanted: anyOf(rules.flatMap(({ sender }) => sender.wanted ?? [])) }),
  idempotencyKey: z.string().min(1).max(256).optional().describe("requests of one tenant with one key are one message"),
  notBefore: instant.optional().describe("it is not sent before"),
  expiresAt: instant.optional().describe("it is not sent after"),
  metadata: z.record(z.string(), z.string()).optional().describe("given back in feedback; never sent"),
});

export type MessageInput = z.input<typeof messageInput>;
export type ParsedMessage = z.output<typeof messageInput>;
