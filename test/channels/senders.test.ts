import { expect, it } from "vitest";
import { allowsSender, readAllowedSender, readSender } from "../../channels/senders.js";
import type { Channel } from "../../schemas/generated.js";

it.each([
  ["email", "*", { from: "*" }],
  ["email", "@News.Example", { from: "@news.example" }],
  ["email", "Shop <shop@example.com>", { from: "Shop <shop@example.com>", identity: "shop@example.com" }],
  ["sms", "@example.com", { problem: "is not a sender of SMS" }],
] as const)("of %s, the entry %s", (channel, entry, read) => {
  expect(readAllowedSender(channel, entry)).toMatchObject(read);
});

it.each<[Channel, string, string, boolean]>([
  ["email", "*", "a@example.com", true],
  ["email", "@example.com", "a@example.com", true],
  ["email", "@example.com", "a@sub.example.com", false],
  ["email", "a@example.com", "Ann <a@EXAMPLE.com>", true],
  ["email", "a@example.com", "A@example.com", false],
  ["sms", "ACME", "ACME", true],
  ["sms", "ACME", "acme", false],
])("of %s, %s allows %s: %s", (channel, entry, from, allows) => {
  const sender = readSender(channel, from);
  expect("problem" in sender ? undefined : allowsSender(channel, entry, sender)).toBe(allows);
});
