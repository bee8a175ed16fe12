import { expect, it } from "vitest";
import { acceptanceDetails } from "../../processors/acceptance-details.js";
import { checkedMessage, emailTo, requestOf } from "../support/requests.js";

const nowMs = Date.UTC(2026, 4, 1);
const input = { ...emailTo("success"), template: "shipped", metadata: { country: "IN", region: "DE-BY" } };

it("names the fields that reports count by, and the user", () => {
  const request = requestOf(input, nowMs, { user: "ann" });
  expect(acceptanceDetails(request, checkedMessage(input, nowMs))).toEqual({
    template: "shipped",
    country: "DE",
    region: "DE-BY",
    user: "ann",
  });
});

it("names what an invalid request has, in a form that fits into other records", () => {
  const request = requestOf(input, nowMs, {
    template: "x".repeat(500),
    metadata: { country: "India" },
    user: `${"u".repeat(255)}\ud83d\ude00`,
  });
  expect(acceptanceDetails(request, undefined)).toEqual({ template: "x".repeat(100), user: `${"u".repeat(255)}\ufffd` });
});

it("has no user for a message to an address", () => {
  expect(acceptanceDetails(requestOf(emailTo("success"), nowMs), undefined)).toEqual({});
});
