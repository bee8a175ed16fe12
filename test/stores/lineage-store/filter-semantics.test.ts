import { describe, expect, it } from "vitest";
import { aggregateDocuments, matching } from "../../../stores/lineage-store/query/query-documents.js";
import { assertFilter } from "../../../stores/lineage-store/query/query-rules.js";
import { cases, shapes } from "../../conformance/filter-semantics.js";

const documents = Object.entries(shapes).map(([_id, shape]) => ({ _id, ...shape }));
const shown = (filter: object): string => JSON.stringify(filter, (_, value) => (value instanceof RegExp ? String(value) : value));

describe("filters over documents in this process", () => {
  it.each(cases.map(([filter, names]) => [shown(filter), filter, names] as const))("match as MongoDB's: %s", (_, filter, names) => {
    expect(() => assertFilter(filter)).not.toThrow();
    const found = [...matching(documents, filter)].map(({ _id }) => _id);
    expect(found.sort()).toEqual([...names].sort());
    const staged = aggregateDocuments(documents, [{ $match: filter }]).map(({ _id }) => _id);
    expect(staged.sort()).toEqual([...names].sort());
  });
});
