import { z } from "zod";
import { defineChannel } from "../channel-definition.js";
import { lineProblem } from "../one-line.js";
import { refuse } from "../refusal.js";

const hourMs = 3_600_000;
const mostSenderCharacters = 128;

/** Characters of a URI, as used by ARNs and by the tokens of all platforms. Source: RFC 3986, 2. */
const endpoint = /^[\w.~:/?#[\]@!$&'()*+,;=%-]{1,2048}$/;

export const push = defineChannel({
  label: "push",
  recipient: {
    wanted: "a device endpoint",
    docs: [],
    check: (to) =>
      endpoint.test(to.trim())
        ? { to: to.trim() }
        : refuse("is not a device endpoint", "give the endpoint's ARN or token: characters of a URI alone, at most 2,048"),
    isDifferentRecipient: (recipient, named) => recipient.startsWith("arn:") && named.startsWith("arn:") && recipient !== named,
  },
  sender: {
    read: (text) => {
      const sender = text.trim();
      const problem = sender === "" ? "is empty" : lineProblem(sender);
      if (problem === undefined && sender.length <= mostSenderCharacters) return { from: sender, identity: sender };
      return refuse(problem ?? "is too long", `give one line of at most ${mostSenderCharacters} characters`);
    },
  },
  content: {
    parts: ["title", "text", "data"],
    requiresOneOf: ["title", "text"],
    maxBytes: ({ pushBytes }) => pushBytes,
  },
  limits: {
    // APNs and FCM accept 4 KiB
    pushBytes: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(4_096)
      .describe("maximum size of a push message in bytes, as the platforms count"),
  },
  options: {},
  defaults: { expiresAfterMs: 24 * hourMs, receiptDeadlineMs: hourMs, retryBaseMs: 1_000 },
  form: {
    fields: [
      { part: "title", label: "Title" },
      { part: "text", label: "Text" },
    ],
    preview: "phone",
  },
  hasEndpoints: true,
  sandbox: {
    example: "device-1-success",
    doc: "push by the endpoint's suffix",
    matches: (to, { name }) => to.endsWith(name),
  },
});
