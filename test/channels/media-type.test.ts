import { expect, it } from "vitest";
import { readMediaType } from "../../channels/media-type.js";

it.each([
  ["application/pdf", "application/pdf", "application/pdf"],
  [" Text/Calendar; method=REQUEST ", "text/calendar; method=REQUEST", "text/calendar"],
  ['text/plain; charset="utf-8"', 'text/plain; charset="utf-8"', "text/plain"],
])("reads %j", (text, mediaType, essence) => {
  expect(readMediaType(text)).toEqual({ mediaType, essence });
});

it.each(["pdf", "a/b/c", "text/plain\r\nX: y", "multipart/mixed", "message/partial", `a/${"b".repeat(255)}`])("refuses %j", (text) => {
  expect(readMediaType(text)).toHaveProperty("problem");
});
