import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { ChannelSettings } from "../../channels/rules-of.js";
import { generateInputs } from "../../client/generate.js";
import type { ChannelLimits } from "../../client/generated.js";
import { checkMessage, type MessageInput, type SendResult, type UserMessageInput } from "../../client/index.js";
import type { messageInput } from "../../client/message-input.js";
import type { userMessageGiven } from "../../client/user-message-input.js";

const accepted = (input: MessageInput): boolean => checkMessage(input).errors.length === 0;

/** The types that a service's compiler accepts and refuses. `tsc` in `npm run lint` checks them, and the run-time checks have to agree. */
describe("the types of the client", () => {
  it("are generated from the schemas that check, and say the same", () => {
    expect(readFileSync(fileURLToPath(new URL("../../client/generated.ts", import.meta.url)), "utf8")).toBe(generateInputs());
    expectTypeOf<MessageInput>().toExtend<z.input<typeof messageInput>>();
    expectTypeOf<z.input<typeof messageInput>>().toExtend<MessageInput>();
    expectTypeOf<UserMessageInput>().toExtend<z.input<typeof userMessageGiven>>();
    expectTypeOf<z.input<typeof userMessageGiven>>().toExtend<UserMessageInput>();
    expectTypeOf<ChannelLimits>().toExtend<ChannelSettings>();
    expectTypeOf<ChannelSettings>().toExtend<ChannelLimits>();
  });

  it("take lists and maps as variables, also those that cannot be changed", () => {
    const items = [{ name: "Tea", price: 3.5, tags: ["hot", null] }] as const;
    const variables = { items, customer: { name: "Ann", vip: true }, none: null, empty: {} };
    expect(accepted({ channel: "sms", to: "+14155550100", template: "order", variables })).toBe(true);
  });

  it("take times as text and as milliseconds, and files as base64 and as bytes", () => {
    const attachments = [
      { filename: "a.txt", content: "eA==" },
      { filename: "b.txt", content: Buffer.from("x"), contentType: "text/plain", contentId: "b" },
    ];
    const times = { notBefore: "2999-01-01T00:00:00Z", expiresAt: Date.now() + 3_600_000 };
    expectTypeOf(times).toExtend<Pick<MessageInput, "notBefore" | "expiresAt">>();
    expect(accepted({ channel: "email", to: "a@b.example", content: { text: "Hi", attachments }, expiresAt: times.expiresAt })).toBe(true);
  });

  it("refuse what the checks refuse", () => {
    const base = { channel: "sms", to: "+14155550100", template: "t" };
    // @ts-expect-error: templates do not support dates
    expect(accepted({ ...base, variables: { at: new Date() } })).toBe(false);
    // @ts-expect-error: templates do not support functions
    expect(accepted({ ...base, variables: { list: [() => 1] } })).toBe(false);
    // @ts-expect-error: metadata is text
    expect(accepted({ ...base, metadata: { order: 7 } })).toBe(false);
    // @ts-expect-error: there is no such field
    expect(accepted({ ...base, colour: "red" })).toBe(false);
    // @ts-expect-error: a message has a recipient
    expect(accepted({ channel: "sms", template: "t" })).toBe(false);
  });

  it("tell an accepted send from a refused one", () => {
    const idOf = (result: SendResult): string => (result.accepted ? result.id : result.errors.map(({ field }) => field).join());
    expect(idOf({ accepted: false, errors: [] })).toBe("");
    expectTypeOf<Extract<SendResult, { accepted: true }>>().not.toHaveProperty("errors");
  });
});
