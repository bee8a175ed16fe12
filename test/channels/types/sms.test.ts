import { expect, it } from "vitest";
import { defaultSettings } from "../../../channels/default-settings.js";
import { sms } from "../../../channels/types/sms.js";

it("a recipient is a number in E.164, of a kind that gets SMS", () => {
  expect(sms.recipient.check("+1 415 555-2671")).toEqual({ to: "+14155552671", country: "US" });
  expect(sms.recipient.check("+49 900 1123456", defaultSettings)).toMatchObject({ problem: expect.stringContaining("premium rate") });
  expect(sms.recipient.check("0171 1234567")).toMatchObject({ problem: "is not a phone number in E.164 form" });
});

it.each([
  ["+14155550100", "4155550100", false],
  ["+14155550100", "0014155550100", false],
  ["+14155550100", "+14155550199", true],
  ["+14155550100", "0100", false],
  ["+14155550100", "1415***0100", false],
])("of %s, a receipt that names %s is of another: %s", (recipient, named, differs) => {
  expect(sms.recipient.isDifferentRecipient(recipient, named)).toBe(differs);
});

it.each([
  ["+1 (415) 555-2671", "+14155552671"],
  ["12345", "12345"],
  [" ACME Shop ", "ACME Shop"],
])("takes the sender %s as %s", (text, identity) => {
  expect(sms.sender.read(text)).toEqual({ from: identity, identity });
});

it.each(["12", "TWELVE LETTER", "1234567890", "a\nb", "Größe"])("refuses the sender %j", (text) => {
  expect(sms.sender.read(text)).toHaveProperty("problem");
});

it("a long text is refused by its parts, warned of while it fits, and billed as such", () => {
  const text = "x".repeat(200);
  expect(sms.content.check?.({ text }, { ...defaultSettings, smsSegments: 1 })).toMatchObject([{ reason: "content_too_large" }]);
  expect(sms.content.check?.({ text }, defaultSettings)).toEqual([]);
  expect(sms.content.warn?.({ text }, defaultSettings)).toMatchObject([{ problem: "is sent and billed as 2 parts (GSM-7)" }]);
  expect(sms.content.segments?.({ text })).toBe(2);
});

it("smart encoding replaces what would make a text UCS-2, where it is switched on", () => {
  const texts = { text: "It\u2019s" };
  expect(sms.content.complete?.(texts, defaultSettings)).toEqual({ texts, details: {} });
  const smart = sms.content.complete?.(texts, { ...defaultSettings, smartEncoding: true });
  expect(smart).toEqual({ texts: { text: "It's" }, details: { charactersReplaced: "1" } });
});
