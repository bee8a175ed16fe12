import { expect, it } from "vitest";
import { inWords } from "../../channels/in-words.js";

it.each([
  [[], ""],
  [["email"], "email"],
  [["email", "sms"], "email or sms"],
  [["email", "sms", "push"], "email, sms or push"],
])("%j in words is %j", (words, text) => {
  expect(inWords(words)).toBe(text);
});
