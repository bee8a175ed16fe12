import { expect, it } from "vitest";
import { readMailbox, readMailboxes, readReplyTo, writeMailbox } from "../../channels/mailbox.js";

it.each([
  ["shop@example.com", "", "shop@example.com"],
  ["Shop <shop@example.com>", "Shop", "Shop <shop@example.com>"],
  ['"Shop, Inc." <shop@example.com>', "Shop, Inc.", '"Shop, Inc." <shop@example.com>'],
  ['"a \\"b\\"" <a@example.com>', 'a "b"', '"a \\"b\\"" <a@example.com>'],
  ["Grüße <a@example.com>", "Grüße", "Grüße <a@example.com>"],
])("reads %s, and writes it the same", (text, name, written) => {
  const read = readMailbox(text);
  expect(read).toMatchObject({ name });
  expect("problem" in read ? "" : writeMailbox(read)).toBe(written);
});

it.each([
  ["Shop, Inc. <shop@example.com>", "allowed"],
  ["team: a@example.com;", "names a group"],
  ["=?utf-8?q?x?= <a@example.com>", "encoded name"],
  ["a\r\nBcc: b@example.com", "line break"],
  [`${"x".repeat(201)} <a@example.com>`, "more than 200 characters"],
])("refuses %j: %s", (text, problem) => {
  expect(readMailbox(text)).toMatchObject({ problem: expect.stringContaining(problem) });
});

it("several mailboxes are cut at commas outside quotes, up to a bound", () => {
  expect(readMailboxes('"a, b" <a@example.com>, c@example.com')).toMatchObject([{ name: "a, b" }, { address: "c@example.com" }]);
  expect(readMailboxes(Array.from({ length: 11 }, () => "a@example.com").join())).toMatchObject({
    problem: "has 11 addresses, and 10 are allowed",
  });
});

it("answers go to addresses in ASCII", () => {
  expect(readReplyTo("a@example.com")).toHaveLength(1);
  expect(readReplyTo("ä@example.com")).toHaveProperty("problem");
});
