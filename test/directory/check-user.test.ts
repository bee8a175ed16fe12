import { describe, expect, it } from "vitest";
import { isValid } from "../../client/check-input.js";
import { checkUser, checkUserLine } from "../../directory/check-user.js";
import { mostIdBytes } from "../../stores/id-keys.js";

const errorsOf = (input: unknown): string[] => {
  const checked = checkUserLine(input);
  return isValid(checked) ? [] : checked.errors.map(({ field, problem, fix }) => `${field} ${problem} (${fix})`);
};
const withAddresses = (addresses: unknown) => errorsOf({ id: "ann", addresses });

describe("a user's check", () => {
  it("accepts a full user, and writes addresses as delivery does", () => {
    const checked = checkUser({
      addresses: {
        email: " Ann@BÜCHER.example ",
        sms: "+1 (415) 555-0100",
        push: ["token-1", { address: "token-2", app: "shop" }],
        http: "https://example.com/hook?a=1",
        device: ["kitchen-1"],
      },
      locale: "pt_br",
      timeZone: "America/Sao_Paulo",
      attributes: { plan: "gold", age: 42, vip: true, tags: ["a"] },
    });
    expect(checked).toEqual({
      value: {
        addresses: {
          email: "Ann@xn--bcher-kva.example",
          sms: "+14155550100",
          push: [
            { address: "token-1", app: null },
            { address: "token-2", app: "shop" },
          ],
          http: "https://example.com/hook?a=1",
          device: [{ address: "kitchen-1", app: null }],
        },
        locale: "pt-BR",
        timeZone: "America/Sao_Paulo",
        attributes: { plan: "gold", age: 42, vip: true, tags: ["a"] },
      },
    });
  });

  it("accepts an empty user, and null for what the user lacks", () => {
    expect([checkUser({}), checkUser({ addresses: { email: null, http: null }, locale: null, timeZone: null })].every(isValid)).toBe(true);
  });

  it("names every wrong field with its fix", () => {
    const errors = errorsOf({ addresses: { email: "ann", phone: "1" }, locale: "x", timeZone: "+01:00", name: "Ann" });
    expect(errors).toHaveLength(6);
    for (const start of [
      "id is missing (give one line",
      "addresses.email is not an email address: it has no @ (give one address such as someone@example.com)",
      "addresses.phone is not a known field (leave it out; your own data belongs in attributes)",
      "locale is not a language tag (give a language tag such as en",
      "timeZone is not the name of a time zone (give a name of the IANA database",
      "name is not a known field",
    ])
      expect(errors.some((error) => error.startsWith(start))).toBe(true);
  });

  it.each([
    [{ sms: "12345" }, "addresses.sms is not a phone number in E.164 form"],
    [{ sms: ["+14155550100"] }, "addresses.sms is a list, not text"],
    [{ push: ["two words"] }, "addresses.push.0 is not a device endpoint"],
    [{ push: "token" }, "addresses.push is text, not a list"],
    [{ push: [1] }, "addresses.push.0 is not an address, or an object with address and app"],
    [{ push: Array.from({ length: 51 }, (_, index) => `t${index}`) }, "addresses.push has 51 entries, and 50 are allowed"],
    [{ http: "http://example.com/" }, "addresses.http is not an https URL"],
    [{ http: "https://ann:secret@example.com/" }, "addresses.http has a user name or password"],
    [{ http: "https://example.com/#here" }, "addresses.http has a fragment"],
    [{ device: ["a/b"] }, "addresses.device.0 is not a device id"],
  ])("refuses %j", (addresses, start) => {
    const [error, ...others] = withAddresses(addresses);
    expect([error?.startsWith(start), others]).toEqual([true, []]);
  });

  it.each([
    [{ list: ["a", 1] }, "attributes.list is not a text, number, true, false"],
    [{ deep: { a: 1 } }, "attributes.deep is not a text, number, true, false"],
    [Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, 1])), "attributes has 101 entries"],
    [{ long: "x".repeat(9_000) }, "attributes has 9011 bytes of JSON, and 8192 are allowed"],
    [{ "two\nlines": 1 }, "attributes has a name that is not one line"],
    [{ half: "\ud800" }, "attributes.half is not well-formed Unicode"],
  ])("refuses attributes %j", (attributes, start) => {
    const [error] = errorsOf({ id: "ann", attributes });
    expect(error).toContain(start);
  });

  it.each(["", " ann", "..", "two\nlines", "x".repeat(mostIdBytes.user + 1)])("refuses the id %j", (id) => {
    expect(errorsOf({ id })[0]).toMatch(/^id (is|has|begins) .*\(give one line of at most 256 bytes/);
  });

  it.each([null, [], "text", 1])("refuses %j as a whole", (input) => {
    expect(errorsOf(input)[0]).toMatch(/^user is .*, not an object \(give an object with id and addresses\)/);
  });
});
