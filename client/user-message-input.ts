import { z } from "zod";
import { filled } from "../channels/filled.js";
import type { Channel } from "../schemas/generated.js";
import { noContent } from "../schemas/no-content.js";
import { channels } from "../schemas/vocabulary.js";
import { inputCheck } from "./check-input.js";
import { contentGiven, messageGiven } from "./message-input.js";
import { recipientToSend } from "./recipient-input.js";

const { channel: _channel, to: _to, ...shared } = messageGiven.shape;

const content = filled(contentGiven, noContent);

const byChannel = Object.fromEntries(channels.map((name) => [name, content.optional()])) as {
  readonly [Name in Channel]: z.ZodOptional<typeof content>;
};

/** A sender's message to a user, instead of to an address. */
export const userMessageGiven = z.strictObject({
  recipient: recipientToSend.describe("a user of the directory, instead of channel and to").meta({ wanted: "an object with user" }),
  ...shared,
  contents: z
    .strictObject(byChannel)
    .optional()
    .describe("the content by channel, where it differs from content")
    .meta({ typed: `Partial<Record<${channels.map((name) => JSON.stringify(name)).join(" | ")}, ContentInput>>` }),
});

/** Whether a message is to a user, and not to an address. */
export const isToUser = (input: unknown): boolean =>
  typeof input === "object" && input !== null && !Array.isArray(input) && Object.hasOwn(input, "recipient");

/** Checks the shape of a message to a user. The rules of its channel are checked once the channel is known. */
export const checkUserMessage = inputCheck(userMessageGiven, {
  whole: "message",
  wanted: "give an object with recipient, and content or template",
  unknownField: "leave it out; a message to a user has neither channel nor to, and your own data belongs in metadata",
});
