import { z } from "zod";
import { latestInstantMs } from "./instant.js";

const instant = z
  .union([z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)), z.number().int().positive().max(latestInstantMs)])
  .describe("ISO 8601 with an offset, or milliseconds since 1970 UTC");

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
    })
    .optional(),
  template: z.string().min(1).optional().describe("name of a configured template"),
  variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  tenant: z.string().min(1).max(128).optional(),
  from: z.string().min(1).max(320).optional().describe("sender, where the default will not do"),
  idempotencyKey: z.string().min(1).max(256).optional().describe("requests of one tenant with one key are one message"),
  notBefore: instant.optional(),
  expiresAt: instant.optional(),
  metadata: z.record(z.string(), z.string()).optional().describe("given back in feedback; never sent"),
});

export type MessageInput = z.input<typeof messageInput>;
export type ParsedMessage = z.output<typeof messageInput>;
