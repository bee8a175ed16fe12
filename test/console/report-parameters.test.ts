import { describe, expect, it } from "vitest";
import { type AskedParameters, answerPage, askedOf, askedParameters, exportParameters } from "../../reports/asked.js";
import { positionOf } from "../../reports/cursor.js";
import { wordsOfIssue } from "../../reports/parameters.js";
import { searchParameters } from "../../reports/search.js";
import { summaryParameters } from "../../reports/summary.js";
import type { QueryOptions } from "../../stores/lineage-store/lineage-store.js";
import { queryDocuments } from "../../stores/lineage-store/query/query-documents.js";

const documents = [1, 2, 3].map((number) => ({
  _id: `m${number}`,
  to: "a@b.example",
  acceptedAt: new Date(9_000 - number),
  status: "failed",
}));

const reader = {
  query: async (_: string, filter: object, options: QueryOptions) => queryDocuments(documents, filter as never, options),
  count: async () => documents.length,
} as unknown as Parameters<typeof answerPage>[0];

const pageOf = async (given: Partial<Record<keyof AskedParameters, string | string[]>>) =>
  answerPage(reader, "messages_email", askedOf("messages_email", askedParameters.parse(given)), { tenant: undefined, count: false });

describe("keys and cursors", () => {
  it.each([
    ['{"_id":0}', ["acceptedAt", "status", "to"]],
    ['{"acceptedAt":0}', ["_id", "status", "to"]],
    ['{"_id":0,"acceptedAt":0}', ["status", "to"]],
    ['{"to":1}', ["_id", "to"]],
    ['{"to":1,"_id":0}', ["to"]],
    ['{"_id":1}', ["_id"]],
    ['{"acceptedAt":1}', ["_id", "acceptedAt"]],
    ["{}", ["_id", "acceptedAt", "status", "to"]],
  ])("with keys %s, a page has the fields that were asked for, and the next page", async (keys, fields) => {
    const { documents: found, next } = await pageOf({ keys, pagesize: "2" });
    expect(Object.keys(found[0] as object).sort()).toEqual(fields);
    expect(positionOf(next ?? "")).toEqual({ atMs: 8_998, id: "m2" });
  });

  it.each(['{"lineage.$":1}', '{"a..b":1}', '{".a":1}', '{"__proto__":1}', '{"a.__proto__":0}', '{"":1}'])(
    "refuses keys=%s",
    async (keys) => {
      await expect(pageOf({ keys })).rejects.toThrow(/keys: ".*" is not a field/);
    },
  );

  it("refuses a cursor beyond all dates", () => {
    const cursor = Buffer.from('[9000000000000000,"m1"]').toString("base64url");
    expect(() => positionOf(cursor)).toThrow("after: is not a valid cursor");
  });
});

describe("sort", () => {
  it.each(["__proto__", '{"__proto__":1}', "to,-acceptedAt", '{"a.$b":1}'])("refuses sort=%s", async (sort) => {
    await expect(pageOf({ sort })).rejects.toThrow(/sort: ".*" is not a field/);
  });

  it("goes on by _id, so that equal documents keep their places between pages", () => {
    const sortOf = (sort: string) => askedOf("messages_email", askedParameters.parse({ sort })).options.sort;
    expect(sortOf('{"status":1}')).toEqual({ status: 1, _id: 1 });
    expect(sortOf("-acceptedAt")).toEqual({ acceptedAt: -1, _id: -1 });
    expect(sortOf('{"_id":1}')).toEqual({ _id: 1 });
  });
});

describe("parameters", () => {
  it.each([
    ["page", ["", "0", "0x10", "1e2", " 1", "1.5", "x", "-1"]],
    ["pagesize", ["", "0x10", "1e2", "1001", "true"]],
  ] as const)("takes whole numbers alone as %s", (name, wrong) => {
    for (const text of wrong) expect(askedParameters.safeParse({ [name]: text }).success, text).toBe(false);
    expect(askedParameters.parse({ [name]: ["7", "20"] })[name]).toBe(20);
  });

  it("refuses a status and a reason that there are not", () => {
    expect(searchParameters.safeParse({ status: "open,failed", reason: "invalid_recipient" }).success).toBe(true);
    expect(searchParameters.safeParse({ status: "nope" }).error?.issues[0]?.message).toMatch(/^"nope" is not one of accepted, /);
    expect(searchParameters.safeParse({ reason: "invalid" }).success).toBe(false);
    expect(searchParameters.safeParse({ limit: "1e1" }).success).toBe(false);
    expect(searchParameters.parse({ limit: 5 }).limit).toBe(5);
  });

  it("takes lineage with ndjson alone", () => {
    expect(exportParameters.safeParse({ format: "ndjson", lineage: "true" }).success).toBe(true);
    expect(exportParameters.safeParse({ format: "csv", lineage: "true" }).error?.issues[0]?.path).toEqual(["lineage"]);
  });

  it.each([
    [summaryParameters, { by: "nope" }, /^is not one of tenant, channel, /],
    [searchParameters, { limit: "0" }, /^is less than 1$/],
    [searchParameters, { q: "" }, /^is empty$/],
    [searchParameters, { q: "x".repeat(3_000) }, /^has more than 2048 characters$/],
    [summaryParameters, { by: "tenant,tenant,tenant,tenant,tenant" }, /^has more than 4 entries$/],
    [summaryParameters, { bye: "tenant" }, /^is not a known parameter$/],
  ])("are refused in words of their own: %#", (schema, given, words) => {
    expect(schema.safeParse(given).error?.issues.map((issue) => wordsOfIssue(issue, given))).toEqual([expect.stringMatching(words)]);
  });
});
