import { expect, test } from "vitest";
import { queryOfNextPage } from "../../reports/cursor.js";

test("the link to the next page repeats every filter by itself, and drops the page number", () => {
  const given = { filter: ['{"status":"failed"}', '{"to":{"$regex":"^a"}}'], pagesize: "1", page: "3", after: "old" };
  const query = new URLSearchParams(queryOfNextPage(given, "new"));
  expect(query.getAll("filter")).toEqual(given.filter);
  expect(query.getAll("after")).toEqual(["new"]);
  expect(query.get("pagesize")).toBe("1");
  expect(query.has("page")).toBe(false);
});
