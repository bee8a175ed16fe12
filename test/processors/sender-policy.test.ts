import { expect, it } from "vitest";
import { senderRefusal } from "../../processors/sender-policy.js";

const email = {
  from: "shop@acme.example",
  senders: [{ tenant: "acme", prefix: "", from: "Support <help@acme.example>" }],
  allowSenders: [
    { tenant: "acme", from: "@news.acme.example" },
    { tenant: null, from: "open@acme.example" },
  ],
};

it.each([
  ["acme", null],
  ["other", "shop@acme.example"],
  ["acme", "help@acme.example"],
  ["acme", "Another name <help@ACME.example>"],
  ["acme", "weekly@news.acme.example"],
  ["other", "open@acme.example"],
])("%s may send as %s", (tenant, from) => {
  expect(senderRefusal("email", email, tenant, from)).toBeUndefined();
});

it.each([
  ["other", "help@acme.example"],
  ["other", "weekly@news.acme.example"],
  ["acme", "ceo@acme.example"],
  ["acme", "not an address"],
])("%s may not send as %s", (tenant, from) => {
  expect(senderRefusal("email", email, tenant, from)).toMatchObject({ field: "from", reason: "sender_not_allowed" });
});

it("an asterisk lets a tenant send as anybody", () => {
  const open = { from: null, senders: [], allowSenders: [{ tenant: "acme", from: "*" }] };
  expect(senderRefusal("sms", open, "acme", "ANYBODY")).toBeUndefined();
  expect(senderRefusal("sms", open, "other", "ANYBODY")).toBeDefined();
});
