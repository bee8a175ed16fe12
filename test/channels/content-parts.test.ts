import { expect, it } from "vitest";
import { bytesOf, contentParts, isGiven, partRulesOf, textParts } from "../../channels/content-parts.js";
import { noContent } from "../../schemas/no-content.js";

it("texts that people read are those that templates make", () => {
  expect(contentParts).toEqual(expect.arrayContaining(textParts));
  expect(textParts).toEqual(expect.arrayContaining(["subject", "text", "html", "title"]));
  for (const part of ["data", "attachments", "replyTo", "unsubscribeUrl"]) expect(textParts).not.toContain(part);
  expect(partRulesOf("subject").doc).toBe("the subject");
});

it("a channel leaves out each text that it does not carry, and refuses files and addresses", () => {
  for (const part of textParts) expect(partRulesOf(part).mayBeLeftOut, part).toBe(true);
  for (const part of ["attachments", "replyTo", "unsubscribeUrl"] as const) expect(partRulesOf(part).mayBeLeftOut).toBeUndefined();
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
