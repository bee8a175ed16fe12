import { expect, it } from "vitest";
import { defineChannel, textParts } from "../../channels/channel-definition.js";
import { email } from "../../channels/types/email.js";

it("a definition is the value itself, and its texts are those that people read", () => {
  expect(defineChannel(email)).toBe(email);
  expect(textParts).toEqual(["subject", "text", "html", "title"]);
});
