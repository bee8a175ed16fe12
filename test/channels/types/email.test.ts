import { expect, it } from "vitest";
import { email } from "../../../channels/types/email.js";

it("a recipient is one address, its domain in A-labels", () => {
  expect(email.recipient.check(" someone@bücher.example ")).toEqual({ to: "someone@xn--bcher-kva.example" });
  expect(email.recipient.check("Ann <ann@example.com>")).toMatchObject({ problem: expect.any(String) });
});

it.each([
  ["ann@example.com", "ANN@example.com", false],
  ["ann@example.com", "bob@example.com", true],
  ["ann@xn--bcher-kva.example", "ann@other.example", false],
  ["ann@example.com", "not an address", false],
])("of %s, a receipt that names %s is of another: %s", (recipient, named, differs) => {
  expect(email.recipient.isDifferentRecipient(recipient, named)).toBe(differs);
});

it("a sender is identified by its address alone", () => {
  expect(email.sender.read("Shop <shop@Example.com>")).toEqual({
    from: "Shop <shop@example.com>",
    identity: "shop@example.com",
    domain: "example.com",
  });
});

it("a mail without a subject is sent, with a warning", () => {
  expect(email.content.warn?.({ text: "Hi" }, {})).toMatchObject([{ field: "content.subject" }]);
  expect(email.content.warn?.({ subject: "S", text: "Hi" }, {})).toEqual([]);
});
