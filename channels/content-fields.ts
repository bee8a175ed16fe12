import { z } from "zod";
import { filled } from "./filled.js";
import { readReplyTo, writeMailbox } from "./mailbox.js";
import { readMediaType } from "./media-type.js";
import { messagePartProblem } from "./message-part.js";
import { headerProblem, lineProblem, nameProblem } from "./one-line.js";
import { readBy } from "./read-by.js";
import { isRefusal } from "./refusal.js";
import { readUnsubscribeUrl } from "./unsubscribe-url.js";

/** A field's rules, in addition to its schema. */
interface FieldRules<Value> {
  /** Its purpose, in a few words. */
  readonly doc: string;
  /** The accepted values, if the schema does not describe them. */
  readonly wanted?: string;
  /**
   * Whether a channel that does not support the field omits it with a warning, because one content may serve several channels. Otherwise
   * the field is refused.
   */
  readonly mayBeLeftOut?: boolean;
  /** Why a text cannot become a header or a separate line. */
  readonly lineProblem?: (text: string) => string | undefined;
  /** Its share of the content's size, in bytes. */
  bytes(value: Value): number;
}

const bytesOfText = (text: string | null): number => Buffer.byteLength(text ?? "");

const textOf = <Schema extends z.ZodType<string>>(schema: Schema) =>
  ({ avro: ["null", "string"], preset: null, bytes: bytesOfText, input: schema.optional(), stored: schema.nullable() }) as const;

/** A text for people, which templates can render. A channel that does not support it omits it. */
const words = (rules: Omit<FieldRules<string | null>, "bytes" | "mayBeLeftOut">) =>
  ({ ...textOf(z.string()), ...rules, isTemplated: true, mayBeLeftOut: true }) as const;

/** A text for machines, in normal form. */
const address = (read: Parameters<typeof readBy>[0], rules: Omit<FieldRules<string | null>, "bytes">) =>
  ({ ...textOf(readBy(read)), ...rules, isTemplated: false }) as const;

const entries = z.record(z.string(), z.string());

const map = (rules: Omit<FieldRules<Readonly<Record<string, string>>>, "bytes">) =>
  ({
    ...rules,
    avro: { type: "map", values: "string" },
    preset: {},
    isTemplated: false,
    input: entries.optional(),
    stored: entries,
    bytes: (value: Readonly<Record<string, string>>): number =>
      Object.entries(value)
        .flat()
        .reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  }) as const;

const mostFileNameCharacters = 255;

const fileName = readBy((text) => {
  const problem = text.trim() === "" ? "is empty" : (nameProblem(text) ?? headerProblem(text));
  const fix = `give a name of at most ${mostFileNameCharacters} characters, such as invoice.pdf`;
  if (problem) return { problem, fix };
  return text.length > mostFileNameCharacters ? { problem: `has ${text.length} characters`, fix } : text;
});

/** The value of a Content-ID header, without angle brackets. Source: RFC 2392, 2; RFC 5322, 3.6.4. */
const contentId = readBy((text) =>
  /^[\w!#$%&'*+./=?^`{|}~@-]{1,255}$/.test(text)
    ? text
    : {
        problem: "is not a content id",
        fix: "give at most 255 ASCII letters, digits and marks without spaces, such as logo or logo@shop.example",
      },
);

const mediaType = readBy((text) => {
  const read = readMediaType(text);
  return isRefusal(read) ? read : read.mediaType;
});

/** Bytes as base64, as in JSON, or unencoded. */
const bytes = z
  .union([z.base64().transform((text) => Buffer.from(text, "base64")), z.instanceof(Buffer)], { error: "is not base64" })
  .describe("the file as bytes")
  .meta({ wanted: "bytes in base64", typed: "string | Buffer" });

const fileKeys = {
  filename: fileName.describe("the name that the recipient sees").meta({ wanted: "one line of at most 255 characters" }),
  contentType: mediaType
    .describe("the media type; application/octet-stream by default")
    .meta({ wanted: "a media type such as application/pdf or text/calendar; method=REQUEST" }),
  content: bytes,
  contentId: contentId
    .describe("the id that the HTML part refers to (cid:…)")
    .meta({ wanted: "at most 255 ASCII letters, digits and marks without spaces" }),
};

type File = { readonly [Key in "filename" | "contentType"]: string } & { readonly content: Buffer; readonly contentId: string | null };

const fitsItsType = ({ contentType, content }: File, context: z.RefinementCtx): void => {
  const problem = messagePartProblem(contentType, content);
  if (problem === undefined) return;
  const fix = "give the media type application/octet-stream, or a message in 7 bits with lines of at most 998 bytes";
  context.addIssue({ code: "custom", path: ["content"], message: problem, params: { fix } });
};

const givenFile = filled(
  z.strictObject({ ...fileKeys, contentType: fileKeys.contentType.optional(), contentId: fileKeys.contentId.optional() }),
  { contentType: "application/octet-stream", contentId: null },
).superRefine(fitsItsType);

const storedFile = z.strictObject({ ...fileKeys, contentId: fileKeys.contentId.nullable() }).superRefine(fitsItsType);

const mostFiles = 20;

const fileRecord = {
  type: "record",
  name: "Attachment",
  doc: "A file attached to an email.",
  fields: [
    { name: "filename", type: "string", doc: "Name of the file." },
    { name: "contentType", type: "string", doc: "Media type of the file." },
    { name: "content", type: "bytes", doc: "Content of the file." },
    { name: "contentId", type: ["null", "string"], doc: "Id by which the HTML part refers to the file (cid:…).", default: null },
  ],
} as const;

const files = (rules: Omit<FieldRules<readonly File[]>, "bytes">) =>
  ({
    ...rules,
    avro: { type: "array", items: fileRecord },
    preset: [],
    isTemplated: false,
    input: z.array(givenFile).max(mostFiles).optional(),
    stored: z.array(storedFile).max(mostFiles),
    bytes: (value: readonly File[]): number => value.reduce((sum, { content, filename }) => sum + content.length + filename.length, 0),
  }) as const;

const oneLine = "one line of at most 900 bytes";

/**
 * The one list of content fields. The records' schema, the checks, templates, the reference and the command line derive from it. `input`
 * parses a sender's message, which omits absent fields. `stored` parses records, where absent is null, {} or []. Both have the same result.
 */
export const contentFields = {
  subject: words({ doc: "the subject", wanted: oneLine, lineProblem: headerProblem }),
  text: words({ doc: "the plain text; the whole of an SMS" }),
  html: words({ doc: "the HTML part" }),
  title: words({ doc: "the title", wanted: oneLine, lineProblem }),
  data: map({ doc: "data for the app", mayBeLeftOut: true }),
  attachments: files({ doc: "attached files" }),
  replyTo: address(
    (text) => {
      const read = readReplyTo(text);
      return isRefusal(read) ? read : read.map(writeMailbox).join(", ");
    },
    { doc: "the addresses for replies", wanted: 'up to 10 addresses, with or without names: "Support" <someone@example.com>' },
  ),
  unsubscribeUrl: address(
    (text) => {
      const read = readUnsubscribeUrl(text);
      return isRefusal(read) ? read : read.url;
    },
    { doc: "the address that receives a POST to end the subscription (RFC 8058)", wanted: "an https address of at most 900 characters" },
  ),
};
