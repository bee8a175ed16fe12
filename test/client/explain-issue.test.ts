import { describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";

const message = { channel: "email", to: "ann@shop.example", content: { subject: "s", text: "t" } };

describe("a refused field", () => {
  it.each([
    ["nothing there", { ...message, to: undefined }, "to", "is missing", /email address, a phone number/],
    ["null", { ...message, to: null }, "to", "is null, not text", /email address/],
    ["a number for text", { ...message, to: 7 }, "to", "is a number, not text", /email address/],
    ["a list for text", { ...message, content: { text: ["t"] } }, "content.text", "is a list, not text", /give text/],
    ["an empty text", { ...message, to: "" }, "to", "is empty", /email address/],
    ["text for an object", { ...message, content: "Hi" }, "content", "is text, not an object", /an object/],
    [
      "too long a text",
      { ...message, idempotencyKey: "k".repeat(257) },
      "idempotencyKey",
      "has 257 characters, and 256 are allowed",
      /1 to 256/,
    ],
    [
      "too many files",
      { ...message, content: { text: "t", attachments: Array(21).fill({ filename: "a", content: "" }) } },
      "content.attachments",
      "has 21 entries, and 20 are allowed",
      /at most 20/,
    ],
    [
      "bytes that are no base64",
      { ...message, content: { text: "t", attachments: [{ filename: "a", content: "§" }] } },
      "content.attachments.0.content",
      "is not base64",
      /bytes in base64/,
    ],
    [
      "a file without its name",
      { ...message, content: { text: "t", attachments: [{ content: "" }] } },
      "content.attachments.0.filename",
      "is missing",
      /255 characters/,
    ],
    ["metadata that is no text", { ...message, metadata: { order: 7 } }, "metadata.order", "is a number, not text", /map of names to text/],
    ["a time of another kind", { ...message, expiresAt: true }, "expiresAt", "is not a time", /ISO 8601/],
    ["a message that is text", "Hi", "message", "is text, not an object", /channel, to/],
    ["a message that is null", null, "message", "is null, not an object", /channel, to/],
    ["no message", undefined, "message", "is missing", /channel, to/],
    ["a message that is a list", [], "message", "is a list, not an object", /channel, to/],
  ])("with %s says what is wrong and what is wanted", (_what, input, field, problem, fix) => {
    const { errors } = checkMessage(input);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ field, problem });
    expect(errors[0]?.fix).toMatch(fix);
  });
});

describe("texts that become headers, commands or file names", () => {
  const file = { filename: "a.pdf", content: "" };
  const breaks = ["\r\nBcc: victim@example.net", "\n", "\r", "\0", "\u0085", "\u2028", "\u001b[2J", "\u007f"];
  const places: readonly (readonly [string, (tail: string) => object])[] = [
    ["from", (tail) => ({ from: `Shop${tail} <shop@example.com>` })],
    ["tenant", (tail) => ({ tenant: `acme${tail}x` })],
    ["content.subject", (tail) => ({ content: { text: "t", subject: `Hi${tail}x` } })],
    ["content.replyTo", (tail) => ({ content: { text: "t", replyTo: `Shop${tail} <shop@example.com>` } })],
    ["content.unsubscribeUrl", (tail) => ({ content: { text: "t", unsubscribeUrl: `https://x.test/a${tail}b` } })],
    ["content.attachments.0.filename", (tail) => ({ content: { text: "t", attachments: [{ ...file, filename: `a${tail}b` }] } })],
    ["content.attachments.0.contentId", (tail) => ({ content: { text: "t", attachments: [{ ...file, contentId: `a${tail}b` }] } })],
    [
      "content.attachments.0.contentType",
      (tail) => ({ content: { text: "t", attachments: [{ ...file, contentType: `text/plain${tail}; a=b` }] } }),
    ],
  ];
  it.each(places)("%s takes no line break and no control character", (field, make) => {
    for (const tail of breaks)
      expect(
        checkMessage({ ...message, ...make(tail) }).errors.map((error) => error.field),
        JSON.stringify(tail),
      ).toEqual([field]);
  });

  it.each([
    ["a line break in a sender of SMS", { channel: "sms", to: "+14155550100", content: { text: "t" }, from: "A\r\nB" }, "from"],
    ["twelve characters", { channel: "sms", to: "+14155550100", content: { text: "t" }, from: "ABCDEFGHIJKL" }, "from"],
    ["letters beyond GSM", { channel: "sms", to: "+14155550100", content: { text: "t" }, from: "Шоп" }, "from"],
    ["two digits", { channel: "sms", to: "+14155550100", content: { text: "t" }, from: "12" }, "from"],
    ["nine digits without a plus sign", { channel: "sms", to: "+14155550100", content: { text: "t" }, from: "123456789" }, "from"],
    ["a mail sender without an address", { ...message, from: "Shop" }, "from"],
    ["a title of two lines", { channel: "push", to: "token", content: { title: "a\nb" } }, "content.title"],
    ["a subject that no line holds", { ...message, content: { text: "t", subject: "x".repeat(3_000) } }, "content.subject"],
    [
      "an address that no line holds",
      { ...message, content: { text: "t", unsubscribeUrl: `https://x.test/${"a".repeat(1_900)}` } },
      "content.unsubscribeUrl",
    ],
    [
      "a second address for unsubscribing",
      { ...message, content: { text: "t", unsubscribeUrl: "https://x.test/a>, <mailto:evil@evil.example" } },
      "content.unsubscribeUrl",
    ],
    ["a comma in it", { ...message, content: { text: "t", unsubscribeUrl: "https://x.test/a,b" } }, "content.unsubscribeUrl"],
    ["another scheme", { ...message, content: { text: "t", unsubscribeUrl: "javascript:alert(1)" } }, "content.unsubscribeUrl"],
    [
      "multipart as a file",
      { ...message, content: { text: "t", attachments: [{ ...file, contentType: "multipart/mixed; boundary=a" }] } },
      "content.attachments.0.contentType",
    ],
    [
      "a parameter without a value",
      { ...message, content: { text: "t", attachments: [{ ...file, contentType: "text/plain; charset" }] } },
      "content.attachments.0.contentType",
    ],
  ])("refuse %s", (_what, input, field) => {
    expect(checkMessage(input).errors.map((error) => error.field)).toEqual([field]);
  });

  it.each(["+14155550199", "12345", "ACME", "Acme Shop 1", "+1 (415) 555-0199"])("take %s as a sender of SMS", (from) => {
    expect(checkMessage({ channel: "sms", to: "+14155550100", content: { text: "t" }, from }).errors).toEqual([]);
  });

  it("bring media types and addresses into their normal form", () => {
    const attachments = [{ ...file, contentType: 'TEXT/Calendar; method=REQUEST; charset="utf-8"' }];
    const { message: checked } = checkMessage({ ...message, content: { text: "t", attachments, unsubscribeUrl: "HTTPS://X.test/ü" } });
    expect(checked?.content?.attachments?.[0]?.contentType).toBe('text/calendar; method=REQUEST; charset="utf-8"');
    expect(checked?.content?.unsubscribeUrl).toBe("https://x.test/%C3%BC");
  });
});
