import { describe, expect, it } from "vitest";
import { checkPipeline, parsePipeline } from "../../../reports/aggregations.js";
import { aggregateDocuments, queryDocuments } from "../../../stores/lineage-store/query/query-documents.js";
import { assertPipeline } from "../../../stores/lineage-store/query/query-rules.js";

const at = (text: string): Date => new Date(text);

const documents = [
  { _id: 1, n: 1, sentAt: at("2026-11-28T23:16:59.900Z"), tags: ["x", "y"] },
  { _id: 2, n: null, sentAt: null, tags: [] },
  { _id: 3, tags: null },
  { _id: 4, n: 2.5, sentAt: at("2027-01-01T12:00:00Z"), tags: ["z"] },
];

const branch = (holds: unknown, then: unknown) => ({ case: holds, then });

/** Values according to MongoDB's manual, of documents 1 to 4. */
const values: readonly (readonly [name: string, expression: unknown, expected: readonly unknown[]])[] = [
  ["whether a field is more than null", { $gt: ["$sentAt", null] }, [true, false, false, true]],
  ["a missing field, which does not equal null", { $eq: ["$n", null] }, [false, true, false, false]],
  ["a number before a string", { $lt: ["$n", "a"] }, [true, true, true, true]],
  ["the order of two values", { $cmp: ["$n", 1] }, [0, -1, -1, 1]],
  ["an hour of no date", { $hour: "$sentAt" }, [23, null, null, 12]],
  ["an hour in a zone", { $hour: { date: "$sentAt", timezone: "+05:30" } }, [4, null, null, 17]],
  ["the week of the year", { $week: "$sentAt" }, [47, null, null, 0]],
  ["the year of an ISO week", { $isoWeekYear: "$sentAt" }, [2026, null, null, 2026]],
  ["the ISO week", { $isoWeek: "$sentAt" }, [48, null, null, 53]],
  [
    "minutes between dates",
    { $dateDiff: { startDate: at("2026-11-28T23:16:59.999Z"), endDate: "$sentAt", unit: "minute" } },
    [0, null, null, 48_284],
  ],
  [
    "seconds between dates",
    { $dateDiff: { startDate: at("2026-11-28T23:16:58.100Z"), endDate: "$sentAt", unit: "second" } },
    [1, null, null, 2_896_982],
  ],
  ["a remainder of nothing", { $mod: ["$n", 2] }, [1, null, null, 0.5]],
  ["the larger of what there is", { $max: ["$n", 2] }, [2, 2, 2, 2.5]],
  ["the smaller item", { $min: "$tags" }, ["x", null, null, "z"]],
  ["a sum of numbers alone", { $sum: ["$n", 1, "a"] }, [2, 1, 1, 3.5]],
  ["a mean of numbers alone", { $avg: ["$n", 1] }, [1, 1, 1, 1.75]],
  ["the first items of nothing", { $slice: ["$tags", 1] }, [["x"], [], null, ["z"]]],
  ["the branch that holds", { $switch: { branches: [branch({ $gt: ["$n", 1] }, "many")], default: "few" } }, ["few", "few", "few", "many"]],
];

describe("expressions over documents of this process", () => {
  it.each(values)("give %s", (_, x, expected) => {
    expect(aggregateDocuments(documents, [{ $project: { x } }]).map((one) => one.x ?? null)).toEqual(expected);
  });

  it("count what is more than null", () => {
    const sent = { $sum: { $cond: [{ $gt: ["$sentAt", null] }, 1, 0] } };
    expect(aggregateDocuments(documents, [{ $group: { _id: null, sent } }])).toEqual([{ _id: null, sent: 2 }]);
  });

  it("fail where no branch holds", () => {
    const nothing = { $switch: { branches: [branch(false, 1)] } };
    expect(() => aggregateDocuments(documents, [{ $project: { x: nothing } }])).toThrow("no branch holds");
  });

  it("leave out of a list what is missing, and add up groups as before", () => {
    const group = { _id: null, list: { $push: "$n" }, sum: { $sum: "$n" }, most: { $max: "$n" }, mean: { $avg: "$n" } };
    expect(aggregateDocuments(documents, [{ $group: group }])).toEqual([
      { _id: null, list: [1, null, 2.5], sum: 3.5, most: 2.5, mean: 1.75 },
    ]);
  });
});

describe("stages over documents of this process", () => {
  it("count nothing of no documents", () => {
    expect(aggregateDocuments(documents, [{ $match: { _id: 9 } }, { $count: "n" }])).toEqual([]);
    expect(aggregateDocuments(documents, [{ $count: "n" }])).toEqual([{ n: 4 }]);
  });

  it("put a value that is a bound into the bucket that begins with it", () => {
    const bucket = { groupBy: "$_id", boundaries: [0, 1, 3, 4], default: "more", output: { n: { $sum: 1 } } };
    expect(aggregateDocuments(documents, [{ $bucket: bucket }])).toEqual([
      { _id: 1, n: 2 },
      { _id: 3, n: 1 },
      { _id: "more", n: 1 },
    ]);
  });

  it.each([
    [{ $limit: 0 }, "$limit: takes a whole number from 1, not 0"],
    [{ $limit: 1.5 }, "$limit: takes"],
    [{ $limit: [1] }, "$limit: takes"],
    [{ $limit: null }, "$limit: takes"],
    [{ $skip: -1 }, "$skip: takes"],
    [{ $count: "" }, "$count: takes"],
    [{ $count: "$n" }, "$count: takes"],
    [{ $unwind: "tags" }, "$unwind: takes"],
    [{ $sort: { n: 2 } }, "$sort: takes"],
    [{ $sort: {} }, "$sort: takes"],
    [{ $group: { n: { $sum: 1 } } }, "$group: takes"],
    [{ $group: { _id: 1, n: 1 } }, "$group: takes"],
    [{ $unset: "" }, "$unset: takes"],
    [{ $bucket: { groupBy: "$n", boundaries: [2, 1] } }, "$bucket: takes"],
    [{ $bucket: { groupBy: "$n", boundaries: [1, "2"] } }, "$bucket: takes"],
    [{ $facet: {} }, "pipeline: the stage $facet is not allowed"],
    [{ $match: { $expr: {} } }, "filter: the operator $expr is not allowed"],
  ])("refuse %j, naming it", (stage, problem) => {
    expect(() => assertPipeline([stage])).toThrow(problem);
  });

  it("are looked at when the process starts, as far as they do not wait for variables", () => {
    const check = (text: string) => () => checkPipeline(parsePipeline("pipeline", text));
    expect(check('[{"$match":{"$expr":{"$gt":["$a",1]}}}]')).toThrow("$expr is not allowed");
    expect(check('[{"$limit":0}]')).toThrow("$limit: takes");
    expect(check('[{"$limit":{"$var":"most"}},{"$match":{"to":{"$in":{"$var":"tos"}}}}]')).not.toThrow();
    expect(check('[{"$project":{"from":"$to"}},{"$match":{"from":"a"}}]')).not.toThrow();
  });
});

describe("documents of this process in order", () => {
  const mixed = [
    { _id: 1, v: ["x", "y"] },
    { _id: 2, v: [] },
    { _id: 3, v: null },
    { _id: 4, v: ["a", "z"] },
    { _id: 5 },
    { _id: 6, v: 7 },
    { _id: 7, v: { k: 1 } },
    { _id: 8, v: [{ k: 3 }, { k: 0 }] },
  ];
  // Source: MongoDB manual, Comparison/Sort Order: an array sorts by its least item ascending, and by its greatest descending
  it.each([
    [{ v: 1 }, [2, 3, 5, 6, 4, 1, 8, 7]],
    [{ v: -1 }, [8, 7, 4, 1, 6, 3, 5, 2]],
    [{ "v.k": 1 }, [1, 2, 3, 4, 5, 6, 8, 7]],
    [{ "v.k": -1 }, [8, 7, 1, 2, 3, 4, 5, 6]],
  ] as const)("by %j", (sort, expected) => {
    expect(queryDocuments(mixed, {}, { sort }).map(({ _id }) => _id)).toEqual(expected);
    expect(aggregateDocuments(mixed, [{ $sort: sort }]).map(({ _id }) => _id)).toEqual(expected);
    expect(queryDocuments(mixed, {}, { sort, skip: 1, limit: 2, keys: { _id: 1 } })).toEqual(expected.slice(1, 3).map((_id) => ({ _id })));
  });
});
