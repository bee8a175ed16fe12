import { describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { completeMessage } from "../../client/complete-message.js";

const sms = (more: object = {}) => ({ channel: "sms", to: "+1 415 555 0100", content: { text: "Hi" }, ...more });
const email = (content: object) => ({ channel: "email", to: "a@b.test", content });
const fields = (input: unknown): string[] => checkMessage(input).errors.map(({ field }) => field);

describe("checkMessage", () => {
  it("brings a number into E.164 and fills in the lane", () => {
    expect(checkMessage(sms()).message).toMatchObject({ to: "+14155550100", lane: "normal" });
  });

  it("names missing content also while the channel is unknown", () => {
    expect(fields({})).toEqual(["channel", "to", "content"]);
    expect(fields({ to: "x@example.com" })).toEqual(["channel", "content"]);
    expect(fields({ channel: "pigeon", to: "x", content: { text: "" } })).toEqual(["channel", "content"]);
    expect(fields({ channel: "pigeon", to: "x", template: "hello" })).toEqual(["channel"]);
    expect(fields({ channel: "pigeon", to: "x", content: 7 })).toEqual(["content", "channel"]);
  });

  it("names every wrong field at once, each with its fix", () => {
    const later = Date.now() + 60_000;
    const { errors, message } = checkMessage({
      channel: "sms",
      to: "12",
      lane: "urgent",
      content: {},
      notBefore: later + 1,
      expiresAt: later,
    });
    expect(message).toBeUndefined();
    expect(errors.map(({ field, reason }) => [field, reason])).toEqual([
      ["lane", "unknown_lane"],
      ["to", "invalid_recipient"],
      ["content.text", "invalid_content"],
      ["notBefore", "invalid_request"],
    ]);
    for (const { fix, problem } of errors) {
      expect(fix).not.toBe("");
      expect(problem).not.toBe("");
    }
  });

  it.each([
    ["an unknown lane", sms({ lane: "urgent", colour: "red" }), ["colour", "lane"]],
    ["an unknown channel", { channel: "pigeon", to: 7, metadata: { a: 1 } }, ["to", "metadata.a", "channel", "content"]],
    ["a wrong recipient", sms({ to: "12", expiresAt: "tomorrow" }), ["expiresAt", "to"]],
    ["missing content", { channel: "sms" }, ["to", "content.text"]],
    ["a wrong sender", sms({ from: "a sender id that is too long", template: 7 }), ["template", "from"]],
    ["too large content", sms({ content: { text: "x".repeat(300_000), colour: "red" } }), ["content.colour", "content"]],
    ["a broken subject", email({ subject: "a\nb", text: 7 }), ["content.text", "content.subject"]],
    ["too many variables", sms({ variables: { a: Array(6_000).fill(1) }, idempotencyKey: "" }), ["idempotencyKey", "variables"]],
    ["a far time", sms({ notBefore: "2999-01-01T00:00:00Z", expiresAt: "soon" }), ["expiresAt", "notBefore"]],
    ["two far times", sms({ notBefore: "2999-01-01T00:00:00Z", expiresAt: "2999-01-02T00:00:00Z" }), ["notBefore", "expiresAt"]],
    ["a text in no encoding", sms({ to: "12", metadata: { a: "\ud800" } }), ["metadata.a", "to"]],
  ])("names %s together with fields of the wrong shape", (_what, input, expected) => {
    expect(fields(input)).toEqual(expected);
  });

  it("requires no part of content whose other part has the wrong shape", () => {
    expect(fields(sms({ content: { text: 7 } }))).toEqual(["content.text"]);
    expect(fields(sms({ content: "Hi" }))).toEqual(["content"]);
  });

  it("lists 50 errors of a message, and states that there are more", () => {
    const strange = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x${index}`, 1]));
    const found = fields(sms({ ...strange, lane: "urgent" }));
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe("message");
  });

  it.each([
    ["no object", "text", ["message"]],
    ["nothing", {}, ["channel", "to", "content"]],
    ["an unknown field", sms({ colour: "red" }), ["colour"]],
    ["an unknown field of content", sms({ content: { text: "Hi", colour: "red" } }), ["content.colour"]],
    ["a wrong type", sms({ metadata: { a: 1 } }), ["metadata.a"]],
    ["a wrong time", sms({ expiresAt: "tomorrow" }), ["expiresAt"]],
    ["an unknown channel", sms({ channel: "pigeon" }), ["channel"]],
    ["a number of no country", sms({ to: "+99912345678" }), ["to"]],
    ["a national number", sms({ to: "415 555 0100" }), ["to"]],
    ["an address without a domain", { channel: "email", to: "someone", content: { text: "Hi" } }, ["to"]],
    ["two addresses", { channel: "email", to: "a@b.test,c@d.test", content: { text: "Hi" } }, ["to"]],
    [
      "a header smuggled into the subject",
      { channel: "email", to: "a@b.test", content: { subject: "Hi\r\nBcc: x@y.test", text: "Hi" } },
      ["content.subject"],
    ],
    ["an endpoint with spaces", { channel: "push", to: "a b", content: { text: "Hi" } }, ["to"]],
    ["a push that is too large", { channel: "push", to: "token", content: { text: "x".repeat(5_000) } }, ["content"]],
    ["an SMS with an address for answers", sms({ content: { text: "Hi", replyTo: "a@b.test" } }), ["content.replyTo"]],
    ["a subject that mail readers decode", email({ text: "Hi", subject: "=?utf-8?Q?You_won!?= now" }), ["content.subject"]],
    [
      "a file name that mail readers decode",
      email({ text: "Hi", attachments: [{ filename: "=?utf-8?B?YS5leGU=?=", content: "" }] }),
      ["content.attachments.0.filename"],
    ],
    ["answers to an address that not every mail carries", email({ text: "Hi", replyTo: "Ann <änn@b.test>" }), ["content.replyTo"]],
    ["an SMS of too many parts", sms({ content: { text: "x".repeat(2_000) } }), ["content.text"]],
  ])("refuses %s", (_what, input, expected) => {
    expect(fields(input)).toEqual(expected);
  });

  it("takes empty parts of other channels, as producers with defaults write them", () => {
    expect(fields(sms({ content: { text: "Hi", subject: "", html: "", data: {}, attachments: [] } }))).toEqual([]);
    expect(fields(email({ text: "Hi", subject: "=?what?=", title: "" }))).toEqual([]);
  });

  it.each([
    ["a line of 999 bytes", `${"x".repeat(999)}\r\n`],
    ["a NUL", "a\0b"],
    ["bytes beyond ASCII", "caf\u00e9"],
    ["a carriage return alone", "a\rb"],
  ])("refuses a mail within a mail that holds %s, as nothing encodes it", (_what, text) => {
    const file = (contentType: string) => ({ filename: "a.eml", contentType, content: Buffer.from(text, "latin1").toString("base64") });
    const refused = (contentType: string): string[] => fields(email({ text: "Hi", attachments: [file(contentType)] }));
    expect(refused("message/rfc822")).toEqual(["content.attachments.0.content"]);
    expect(refused("Message/Delivery-Status; x=y")).toEqual(["content.attachments.0.content"]);
    expect(refused("application/octet-stream")).toEqual([]);
  });

  it("takes a mail within a mail that every server carries", () => {
    const content = Buffer.from(`Subject: s\n\n${"x".repeat(998)}\r\n.\r\n`).toString("base64");
    expect(fields(email({ text: "Hi", attachments: [{ filename: "a.eml", contentType: "message/rfc822", content }] }))).toEqual([]);
  });

  it.each([
    ["an SMS", sms({ content: { text: "Hi", subject: "s", html: "<p>" } }), ["content.subject", "content.html"]],
    ["an email", email({ text: "Hi", subject: "s", title: "t", data: { a: "b" } }), ["content.title", "content.data"]],
    ["a push", { channel: "push", to: "token", content: { text: "Hi", html: "<p>" } }, ["content.html"]],
  ])("takes one content for several channels, and warns of what it does not send by %s", (_what, input, expected) => {
    const { errors, warnings } = checkMessage(input);
    expect(errors).toEqual([]);
    expect(warnings.map(({ field }) => field)).toEqual(expected);
  });

  it("warns of what is allowed but unwise", () => {
    const warned = (input: unknown): string[] => checkMessage(input).warnings.map(({ field }) => field);
    expect(warned(sms({ content: { text: "x".repeat(161) } }))).toEqual(["content.text"]);
    expect(warned({ channel: "email", to: "a@b.test", content: { text: "Hi" } })).toEqual(["content.subject"]);
    expect(warned(sms({ lane: "critical" }))).toEqual(["expiresAt"]);
  });

  it("lets a template stand in for content", () => {
    expect(fields({ channel: "sms", to: "+14155550100", template: "otp", variables: { code: "1" } })).toEqual([]);
  });
});

describe("completeMessage", () => {
  const complete = (more: object, tenant = "acme") => {
    const { message } = checkMessage(sms(more));
    if (!message) throw new Error("not valid");
    return completeMessage(message, tenant, 1_000);
  };

  it("gives one id to all requests of one tenant with one key, and none to share without", () => {
    expect(complete({ idempotencyKey: "k" }).id).toBe(complete({ idempotencyKey: "k" }).id);
    expect(complete({ idempotencyKey: "k" }).id).not.toBe(complete({ idempotencyKey: "k" }, "other").id);
    expect(complete({}).id).not.toBe(complete({}).id);
  });

  it("adds a trace context that the standard accepts", () => {
    expect(complete({}).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});
