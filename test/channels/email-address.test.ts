import fc from "fast-check";
import { toASCII } from "tr46";
import { expect, it } from "vitest";
import { readDomain, readEmailAddress } from "../../channels/email-address.js";

it.each([
  [" a.b+c@Example.COM ", "a.b+c@example.com", false],
  ["ann@bücher.example", "ann@xn--bcher-kva.example", false],
  ["änne@example.com", "änne@example.com", true],
  ['"a b"@example.com', '"a b"@example.com', false],
  ['"ab"@example.com', "ab@example.com", false],
  ["a@例え。テスト", "a@xn--r8jz45g.xn--zckzah", false],
])("reads %j as %s", (text, address, international) => {
  expect(readEmailAddress(text)).toMatchObject({ address, international });
});

it.each([
  ["nobody", "it has no @"],
  ["@example.com", "nothing before the @"],
  ["a@", "nothing after the @"],
  [".a@example.com", "begins or ends with a dot"],
  ["a..b@example.com", "two dots in a row"],
  ["a@b@example.com", "more than one @"],
  ["a b@example.com", "must be quoted"],
  ["a@example.com, b@example.com", "more than one address"],
  ["Ann <a@example.com>", "not an email address alone"],
  ["a@[127.0.0.1]", "address literal"],
  ["a@127.0.0.1", "an IP address or a number"],
  ["a@localhost", "without a dot"],
  ["a@-b.example", "hyphen"],
  ["a@b..example", "empty label"],
  [`${"a".repeat(65)}@example.com`, "more than 64 bytes"],
  [`a@${"b".repeat(64)}.example`, "more than 63 bytes"],
  ["a\n@example.com", "line break"],
])("refuses %j: %s", (text, problem) => {
  expect(readEmailAddress(text)).toMatchObject({ problem: expect.stringContaining(problem), fix: expect.any(String) });
});

it("a domain comes in A-labels and lower case", () => {
  expect(readDomain("BÜCHER.example")).toEqual({ domain: "xn--bcher-kva.example" });
  expect(readDomain("a b.example")).toHaveProperty("problem");
});

it("a domain without encoded labels is read as UTS #46 reads it", () => {
  const label = fc.stringMatching(/^(?:xn--|XN--)?[a-zA-Z\d_-]{1,12}$/);
  fc.assert(
    fc.property(fc.array(label, { minLength: 2, maxLength: 4 }), (labels) => {
      const [text, read] = [labels.join("."), readDomain(labels.join("."))];
      if ("domain" in read) expect(read.domain).toBe(toASCII(text, { useSTD3ASCIIRules: true, checkHyphens: false }));
    }),
  );
});
