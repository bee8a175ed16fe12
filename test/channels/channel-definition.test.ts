import { expect, it } from "vitest";
import { defineChannel } from "../../channels/channel-definition.js";
import { email } from "../../channels/types/email.js";

it("a definition is the value itself", () => {
  expect(defineChannel(email)).toBe(email);
});
