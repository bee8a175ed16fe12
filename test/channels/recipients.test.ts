import { expect, it } from "vitest";
import { checkRecipient } from "../../channels/recipients.js";

it.each([
  ["email", "A@Example.com", { to: "A@example.com" }],
  ["sms", "+1 415 555 2671", { to: "+14155552671", country: "US" }],
  ["push", " token ", { to: "token" }],
] as const)("a recipient of %s is checked by its channel", (channel, to, checked) => {
  expect(checkRecipient(channel, to)).toEqual(checked);
});
