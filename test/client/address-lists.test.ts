import { describe, expect, it } from "vitest";
import { readEmailAddress } from "../../channels/email-address.js";
import { readMailbox, readMailboxes, writeMailbox } from "../../channels/mailbox.js";
import { readPhoneNumber } from "../../channels/phone-number.js";
import { isRefusal } from "../../channels/refusal.js";
import { checkMessage } from "../../client/check-message.js";
import {
  invalidEmails,
  invalidMailboxes,
  invalidNumbers,
  numbersByType,
  validEmails,
  validMailboxes,
  validNumbers,
} from "./address-lists.js";

const email = (more: object) => ({ channel: "email", to: "a@b.example", content: { subject: "s", text: "t" }, ...more });
const errorsOf = (input: unknown): string[] => checkMessage(input).errors.map(({ field }) => field);

describe("an email address", () => {
  it.each(validEmails)("is taken: $rule", ({ text, normal }) => {
    expect(readEmailAddress(text)).toMatchObject({ address: normal });
    expect(readEmailAddress(normal)).toMatchObject({ address: normal });
    expect(checkMessage(email({ to: text })).message?.to).toBe(normal);
  });

  it.each(invalidEmails)("is refused: $rule", ({ text, says }) => {
    const read = readEmailAddress(text);
    expect(isRefusal(read) && read.problem).toMatch(says);
    expect(errorsOf(email({ to: text }))).toEqual(["to"]);
    expect(errorsOf(email({ from: text.includes("<") || text.includes(";") ? `${text}x` : text }))).toContain("from");
  });
});

describe("a sender or an address for answers", () => {
  it.each(validMailboxes)("is taken: $rule", ({ text, normal }) => {
    const read = readMailbox(text);
    expect(isRefusal(read) ? read : writeMailbox(read)).toBe(normal);
    expect(checkMessage(email({ from: text, content: { text: "t", replyTo: text } })).message).toMatchObject({
      from: normal,
      content: { replyTo: normal },
    });
  });

  it.each(invalidMailboxes)("is refused: $rule", ({ text, says }) => {
    const read = readMailbox(text);
    expect(isRefusal(read) && read.problem).toMatch(says);
    expect(errorsOf(email({ from: text }))).toEqual(["from"]);
  });

  it("may be several addresses for answers, up to ten", () => {
    const replyTo = '"Smith, Ann" <ann@shop.example>, bob@bücher.example';
    expect(checkMessage(email({ content: { text: "t", replyTo } })).message?.content?.replyTo).toBe(
      '"Smith, Ann" <ann@shop.example>, bob@xn--bcher-kva.example',
    );
    const many = Array.from({ length: 11 }, (_, index) => `a${index}@shop.example`).join(",");
    expect(errorsOf(email({ content: { text: "t", replyTo: many } }))).toEqual(["content.replyTo"]);
  });

  it("is read in time that grows with its length", () => {
    const begin = performance.now();
    for (const text of ['"'.repeat(20_000), `${"a ".repeat(20_000)}<`, '"a'.repeat(20_000), `${"\\".repeat(20_000)}<a@b.example>`])
      readMailboxes(text);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});

describe("a phone number", () => {
  it.each(validNumbers)("is taken: $rule", ({ text, normal }) => {
    expect(readPhoneNumber(text)).toMatchObject({ number: normal });
  });

  it.each(invalidNumbers)("is refused: $rule", ({ text, says }) => {
    const read = readPhoneNumber(text);
    expect(isRefusal(read) && read.problem).toMatch(says);
  });

  const sms = (to: string) => ({ channel: "sms", to, content: { text: "Hi" } });
  const typed = Object.entries(numbersByType).flatMap(([type, numbers]) => numbers.map((number) => ({ type, number })));

  it.each(typed)("of type $type is known: $number", ({ type, number }) => {
    expect(readPhoneNumber(number)).toMatchObject({ number, type });
  });

  it.each(typed)("of type $type gets an SMS only where the policy allows: $number", ({ type, number }) => {
    const refused = ["premium_rate", "shared_cost", "pager", "voicemail"].includes(type);
    const { errors } = checkMessage(sms(number));
    expect(errors.map(({ field, reason }) => [field, reason])).toEqual(refused ? [["to", "invalid_recipient"]] : []);
    if (refused) expect(errors[0]?.problem).toContain(type.replaceAll("_", " "));
  });
});
