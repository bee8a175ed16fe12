import { expect, it } from "vitest";
import { messagePartProblem } from "../../channels/message-part.js";

it.each([
  ["message/rfc822", "Subject: a\r\n\r\nHi\r\n", undefined],
  ["message/rfc822", "a\0", "holds a NUL, which no mail can carry"],
  ["message/rfc822", "é", "holds bytes beyond ASCII, which a part of its type cannot"],
  ["message/rfc822", "a\rb", "holds a carriage return without a line feed"],
  ["message/rfc822", "x".repeat(999), "has a line of more than 998 bytes"],
  ["application/pdf", "a\0é", undefined],
])("a file of type %s that holds %j: %s", (type, text, problem) => {
  expect(messagePartProblem(type, Buffer.from(text))).toBe(problem);
});
