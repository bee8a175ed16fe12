import { expect, it } from "vitest";
import { readPhoneNumber } from "../../channels/phone-number.js";

it.each([
  ["+1 415 555 2671", { number: "+14155552671", country: "US", type: "fixed_line_or_mobile" }],
  ["tel:+49-171-1234567", { number: "+491711234567", country: "DE", type: "mobile" }],
  ["+1 (800) 555-0199", { number: "+18005550199", country: "US", type: "toll_free" }],
])("reads %s", (text, read) => {
  expect(readPhoneNumber(text)).toEqual(read);
});

it.each([
  ["4155552671", "E.164"],
  ["+1 415 555 2671 ext. 5", "extension"],
  ["+1 415 555 2671;phone-context=a", "extension"],
  ["call +14155552671", "E.164"],
  ["+1 415 555", "not a number that its country uses"],
  ["+999 1234567", "E.164"],
])("refuses %s: %s", (text, problem) => {
  expect(readPhoneNumber(text)).toMatchObject({ problem: expect.stringContaining(problem) });
});
