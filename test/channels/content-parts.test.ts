import { expect, it } from "vitest";
import { bytesOf, contentParts, isGiven, partRulesOf, textParts } from "../../channels/content-parts.js";
import { noContent } from "../../schemas/no-content.js";

it("texts that people read are those that templates make", () => {
  expect(contentParts).toEqual(expect.arrayContaining(textParts));
  expect(textParts).toEqual(["subject", "text", "html", "title"]);
  expect(partRulesOf("subject")).toMatchObject({ doc: "the subject", mayBeLeftOut: true });
});

it("a content is as large as its texts in UTF-8, its data, and its files with their names", () => {
  expect(bytesOf(noContent)).toBe(0);
  const attachments = [{ filename: "a.txt", contentType: "text/plain", content: Buffer.from("123"), contentId: null }];
  expect(bytesOf({ ...noContent, text: "é", replyTo: "a@b.example", data: { key: "value" }, attachments })).toBe(2 + 11 + 8 + 8);
});

it("an empty part says nothing", () => {
  expect([null, "", {}, []].map(isGiven)).toEqual([false, false, false, false]);
  expect(["x", { a: "b" }].map(isGiven)).toEqual([true, true]);
});
