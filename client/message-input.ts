import { z } from "zod";
import { readInstant } from "./instant.js";
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

const oneLine = z.string().regex(/^[^\r\n\0]*$/, "holds a line break");

const attachment = z.strictObject({
  filename: oneLine.min(1).max(255).describe("its name"),
  contentType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, "is not a media type such as application/pdf")
    .default("application/octet-stream")
    .describe("its media type"),
  content: bytes,
  contentId: oneLine.min(1).max(255).optional().describe("by which the HTML part shows it (cid:…)"),
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
      replyTo: oneLine.max(320).optional().describe("email: where answers go"),
      unsubscribeUrl: z
        .url({ protocol: /^https$/ })
        .max(2_000)
        .optional()
        .describe("email: takes a POST that ends the subscription (RFC 8058)"),
    })
    .optional(),
  template: z.string().min(1).max(200).optional().describe("name of a configured template"),
  variables: variables.optional().describe("values for the template: strings, numbers, booleans, null, and lists and maps of these"),
  tenant: z.string().min(1).max(128).optional(),
  from: z.string().min(1).max(320).optional().describe("sender, where the default will not do"),
  idempotencyKey: z.string().min(1).max(256).optional().describe("requests of one tenant with one key are one message"),
  notBefore: instant.optional(),
  expiresAt: instant.optional(),
  metadata: z.record(z.string(), z.string()).optional().describe("given back in feedback; never sent"),
});

export type MessageInput = z.input<typeof messageInput>;
export type ParsedMessage = z.output<typeof messageInput>;
