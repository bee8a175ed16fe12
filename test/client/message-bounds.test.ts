import { describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { completeMessage, idFromKey } from "../../client/complete-message.js";
import { contentDigest } from "../../client/content-digest.js";
import { defaultLimits } from "../../client/limits.js";
import { joinVariables } from "../../client/variables.js";

const nowMs = Date.UTC(2026, 10, 25);
const sms = (more: object = {}): object => ({ channel: "sms", to: "+14155550100", content: { text: "Hi" }, ...more });
const check = (more: object) => checkMessage(sms(more), defaultLimits, nowMs);
const errorsOf = (more: object): string[] => check(more).errors.map(({ field, problem }) => `${field} ${problem}`);
const fieldsOf = (more: object): string[] => check(more).errors.map(({ field }) => field);
const dayMs = 86_400_000;

describe("times that cannot be meant", () => {
  it.each(["notBefore", "expiresAt"])("as %s are refused: seconds, microseconds, fractions, text", (field) => {
    expect(errorsOf({ [field]: 1_893_456_000 })).toEqual([`${field} looks like seconds since 1970, but is read as milliseconds`]);
    expect(errorsOf({ [field]: 1_893_456_000.25 })).toEqual([`${field} looks like seconds since 1970, but is read as milliseconds`]);
    expect(errorsOf({ [field]: 1 })).toEqual([`${field} looks like seconds since 1970, but is read as milliseconds`]);
    expect(errorsOf({ [field]: "1970-01-22T21:57:36Z" })).toEqual([`${field} looks like seconds since 1970, but is read as milliseconds`]);
    expect(errorsOf({ [field]: nowMs * 1_000 })[0]).toContain("beyond the year 9999");
    expect(errorsOf({ [field]: 2 ** 62 })[0]).toContain("beyond the year 9999");
    for (const value of [0, -1, nowMs + 0.5, "soon", "2026-11-25", "2026-11-25T10:00:00", String(nowMs), "", true, {}, null])
      expect(errorsOf({ [field]: value }), JSON.stringify(value)).toEqual([`${field} is not a time`]);
  });

  it.each(["notBefore", "expiresAt"])("as %s are refused: days that no calendar has", (field) => {
    for (const day of ["2026-11-31", "2026-12-32", "2027-02-29", "2027-02-30", "2026-13-01", "2026-12-00"])
      expect(fieldsOf({ [field]: `${day}T00:00:00Z` }), day).toEqual([field]);
    expect(errorsOf({ [field]: "2027-02-30T23:00:00+02:00" })).toEqual([`${field} has a day that does not exist in its month`]);
    for (const day of ["2028-02-29T00:00:00Z", "2026-12-31T23:30:00-05:00", "2026-12-01T00:30:00+14:00", "2026-12-31T24:00:00Z"])
      expect(fieldsOf({ expiresAt: day }), day).toEqual([]);
  });

  it("name the fix", () => {
    const fixOf = (more: object): string | undefined => check(more).errors[0]?.fix;
    expect(fixOf({ notBefore: 1_893_456_000 })).toContain("multiply it by 1,000");
    expect(fixOf({ notBefore: String(nowMs) })).toContain("without quotes");
    expect(fixOf({ notBefore: "tomorrow" })).toContain("ISO 8601");
  });

  it("lie too far ahead", () => {
    expect(errorsOf({ notBefore: nowMs + 61 * dayMs })).toEqual(["notBefore lies more than 60 days ahead"]);
    expect(errorsOf({ notBefore: nowMs + 59 * dayMs })).toEqual([]);
    expect(errorsOf({ expiresAt: "9999-12-31T23:59:59Z" })).toEqual(["expiresAt lies more than 100 years ahead"]);
  });

  it("are read as written, in any offset", () => {
    expect(check({ notBefore: "2026-11-25T10:00:00.5+02:00" }).message?.notBefore).toBe(Date.UTC(2026, 10, 25, 8, 0, 0, 500));
  });
});

describe("times that may not be meant", () => {
  const warned = (more: object): string[] => check(more).warnings.map(({ field, problem }) => `${field} ${problem}`);
  it("are told: what has passed, and what lies beyond the longest life of a message", () => {
    expect(warned({ notBefore: nowMs - 60_000 })).toEqual(["notBefore has passed: the message is sent at once"]);
    expect(warned({ notBefore: nowMs - 10 })).toEqual([]);
    expect(warned({ expiresAt: nowMs - 60_000 })).toEqual(["expiresAt has passed: the message expires without being sent"]);
    expect(warned({ expiresAt: "2099-01-01T00:00:00Z" })).toEqual(["expiresAt lies more than 60 days after the message is due"]);
    expect(warned({ expiresAt: nowMs + dayMs })).toEqual([]);
  });
});

describe("metadata and variables", () => {
  it("are bounded in bytes and number", () => {
    expect(fieldsOf({ metadata: { a: "x".repeat(17_000) } })).toEqual(["metadata"]);
    expect(fieldsOf({ metadata: { ["k".repeat(17_000)]: "" } })).toEqual(["metadata"]);
    expect(fieldsOf({ metadata: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, "v"])) })).toEqual(["metadata"]);
    expect(fieldsOf({ metadata: { order: "7" } })).toEqual([]);
    expect(fieldsOf({ template: "t", variables: { a: "é".repeat(33_000) } })).toEqual(["variables"]);
    expect(fieldsOf({ template: "t", variables: { a: Array.from({ length: 6_000 }, () => 1) } })).toEqual(["variables"]);
  });

  it("of lists and maps are taken, as deep as templates need", () => {
    const variables = { items: [{ name: "Tea", price: 3.5, tags: ["hot", null] }], user: { name: "Ann" }, empty: [], none: {}, yes: true };
    const { message } = check({ template: "t", variables });
    expect(message?.variables).toEqual(variables);
    if (!message) throw new Error("refused");
    const request = completeMessage(message, "acme", nowMs);
    expect(request.variables).toEqual({ yes: true });
    expect(joinVariables(request.variables, request.variablesJson)).toEqual(variables);
  });

  it("name the value that no template knows", () => {
    let deep: unknown = "bottom";
    for (let depth = 0; depth < 10; depth += 1) deep = [deep];
    expect(fieldsOf({ template: "t", variables: { deep } })[0]).toMatch(/^variables\.deep(\.0)+$/);
    expect(fieldsOf({ template: "t", variables: { a: [{ when: new Date() }] } })).toEqual(["variables.a.0.when"]);
    expect(fieldsOf({ template: "t", variables: { n: Number.NaN } })).toEqual(["variables.n"]);
    expect(fieldsOf({ template: "t", variables: JSON.parse('{"order":[12345678901234567890]}') })).toEqual(["variables.order.0"]);
    expect(fieldsOf({ template: "t", variables: { n: -1e21 } })).toEqual(["variables.n"]);
    expect(fieldsOf({ template: "t", variables: { n: Number.MAX_SAFE_INTEGER, m: 0.1 } })).toEqual([]);
    expect(fieldsOf({ template: "t", variables: { f: () => 1 } })).toEqual(["variables.f"]);
    expect(fieldsOf({ template: "t", variables: [1] })).toEqual(["variables"]);
    const round: Record<string, unknown> = {};
    round.self = round;
    expect(fieldsOf({ template: "t", variables: round })[0]).toMatch(/^variables\.self/);
  });

  it("stand JSON as deep as a body can be", () => {
    const deep = JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`) as unknown;
    expect(fieldsOf({ template: "t", variables: { deep } })).toHaveLength(1);
    expect(fieldsOf({ metadata: deep as object })).toEqual(["metadata"]);
  });

  it("with content too large for a record are refused although a template is named", () => {
    expect(fieldsOf({ template: "t", content: { text: "x".repeat(300_000) } })).toEqual(["content"]);
  });
});

describe("texts that UTF-8 cannot carry", () => {
  it.each([
    ["text", { content: { text: "caf\ud83d" } }, ["content.text"]],
    ["the second half alone", { content: { text: "\ude00 hi" } }, ["content.text"]],
    ["the idempotency key", { idempotencyKey: "\ud83d" }, ["idempotencyKey"]],
    ["the recipient", { to: "+1415\ud83d" }, ["to"]],
    ["the tenant", { tenant: "\ud83d" }, ["tenant"]],
    ["metadata", { metadata: { a: "\ud83d" } }, ["metadata.a"]],
    ["a name in metadata", { metadata: { "\ud83d": "a" } }, ["metadata"]],
    ["a variable", { template: "t", variables: { list: [{ a: "\ud83d" }] } }, ["variables.list.0.a"]],
    ["a name of a variable", { template: "t", variables: { list: [{ "\ud83d": 1 }] } }, ["variables.list.0"]],
    ["two fields", { content: { text: "\ud83d" }, template: "\ud83d" }, ["template", "content.text"]],
  ])("are refused in %s", (_where, more, fields) => {
    expect(fieldsOf(more)).toEqual(fields);
  });

  it("are no surrogate pairs: those pass", () => {
    expect(fieldsOf({ content: { text: "😀" }, metadata: { "😀": "\u{1f600}" }, idempotencyKey: "\ufffd" })).toEqual([]);
  });

  it("names that JavaScript takes for prototypes are refused, never dropped", () => {
    const input = JSON.parse('{"channel":"sms","to":"+14155550100","content":{"text":"Hi"},"metadata":{"__proto__":"x"}}') as unknown;
    expect(checkMessage(input).errors.map(({ field }) => field)).toContain("metadata.__proto__");
  });
});

describe("the digest of a request", () => {
  const digest = (input: object): string => {
    const { message, errors } = checkMessage(input, defaultLimits, nowMs);
    if (!message) throw new Error(JSON.stringify(errors));
    return contentDigest(message);
  };
  const base = sms({ idempotencyKey: "k" });

  it.each([
    ["the order of names", { content: { text: "Hi" }, idempotencyKey: "k", to: "+14155550100", channel: "sms" }],
    ["the recipient's spelling", { ...base, to: " +1 (415) 555-0100" }],
    ["the default lane", { ...base, lane: "normal" }],
    ["empty maps", { ...base, metadata: {}, variables: {}, content: { text: "Hi", data: {}, attachments: [] } }],
    ["the tenant and the key", { ...base, idempotencyKey: "other", tenant: "beta" }],
  ])("does not depend on %s", (_what, other) => {
    expect(digest(other)).toBe(digest(base));
  });

  it("does not depend on how a time is written", () => {
    const at = "2026-11-26T00:00:00Z";
    expect(digest({ ...base, expiresAt: at })).toBe(digest({ ...base, expiresAt: Date.parse(at) }));
    expect(digest({ ...base, expiresAt: at })).toBe(digest({ ...base, expiresAt: "2026-11-26T02:00:00+02:00" }));
  });

  it.each([
    ["the text", { content: { text: "Hi!" } }],
    ["the recipient", { to: "+14155550101" }],
    ["the channel", { channel: "push", to: "token" }],
    ["the lane", { lane: "high" }],
    ["the time", { expiresAt: "2026-11-26T00:00:00Z" }],
    ["metadata", { metadata: { a: "1" } }],
    ["a nested variable", { template: "t", variables: { a: [1, 2] } }],
    ["the order of a list", { template: "t", variables: { a: [2, 1] } }],
  ])("depends on %s", (_what, more) => {
    expect(digest({ ...base, ...more })).not.toBe(digest(base));
    expect(digest({ ...base, template: "t", variables: { a: [1, 2] } })).not.toBe(
      digest({ ...base, template: "t", variables: { a: [2, 1] } }),
    );
  });

  it("depends on the bytes of attachments", () => {
    const mail = (content: string, more: object = {}) => ({
      channel: "email",
      to: "a@b.test",
      content: { subject: "s", text: "t", attachments: [{ filename: "f", content, ...more }] },
    });
    expect(digest(mail("YQ=="))).toBe(digest(mail("YQ==", { contentType: "application/octet-stream" })));
    expect(digest(mail("YQ=="))).not.toBe(digest(mail("Yg==")));
  });
});

describe("ids from keys", () => {
  it("are one tenant's alone, whatever its name and key hold", () => {
    expect(idFromKey("a\nb", "c")).not.toBe(idFromKey("a", "b\nc"));
    expect(idFromKey("acme", "k")).toBe("57bd000a-5279-5780-876a-2f2fe6a3fc11");
  });
});
