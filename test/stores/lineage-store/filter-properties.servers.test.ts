import fc from "fast-check";
import { type Collection, MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withBsonPatterns } from "../../../stores/lineage-store/mongo/bson-patterns.js";
import { matching } from "../../../stores/lineage-store/query/query-documents.js";
import { assertFilter } from "../../../stores/lineage-store/query/query-rules.js";
import { fewer, timeoutMs } from "../../properties/property.js";
import { uniqueName } from "../../support/scratch.js";
import { serverAddress } from "../../support/servers.js";

const day = (index: number): Date => new Date(Date.UTC(2026, 0, 1 + index));

const scalar = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -2, max: 3 }),
  fc.constantFrom(0.5, 2.5),
  fc.constantFrom("", "a", "ab", "b", "A"),
  fc.boolean(),
  fc.integer({ min: 0, max: 2 }).map(day),
);
const field = fc.constantFrom("a", "b", "c");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(field, tie("value"), { maxKeys: 3 }),
  ),
}));
const document = fc.dictionary(field, value, { maxKeys: 3 });
const path = fc
  .array(fc.constantFrom("a", "b", "c", "a", "b", "0", "1"), { minLength: 1, maxLength: 3 })
  .filter(([first]) => !/\d/.test(first ?? ""))
  .map((parts) => parts.join("."));
const pattern = fc.constantFrom(/^a/, /b$/i, /a.?b/s);

// within $elemMatch the server that stands in for MongoDB does not treat a missing field as null in $gte and $lte
const comparison = fc
  .record({ operator: fc.constantFrom("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"), operand: scalar })
  .filter(({ operator, operand }) => operand !== null || operator === "$eq" || operator === "$ne")
  .map(({ operator, operand }) => ({ [operator]: operand }));
const types = fc.constantFrom("string", "number", "int", "double", "bool", "date", "array", "object", "null");
const condition: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  comparison,
  fc.array(fc.oneof(scalar, pattern), { maxLength: 3 }).map((list) => ({ $in: list })),
  fc.array(fc.oneof(scalar, pattern), { maxLength: 3 }).map((list) => ({ $nin: list })),
  fc.boolean().map((exists) => ({ $exists: exists })),
  types.map((type) => ({ $type: type })),
  fc.integer({ min: 0, max: 3 }).map((size) => ({ $size: size })),
  fc.array(scalar, { minLength: 1, maxLength: 2 }).map((list) => ({ $all: list })),
  comparison.map((one) => ({ $not: one })),
  pattern.map((one) => ({ $not: one })),
  pattern,
  fc.tuple(comparison, comparison).map(([one, other]) => ({ $elemMatch: { ...one, ...other } })),
  fc.tuple(field, comparison).map(([name, one]) => ({ $elemMatch: { [name]: one } })),
  fc.array(scalar, { maxLength: 2 }),
);
const simple = fc.tuple(path, condition).map(([at, asked]) => ({ [at]: asked }));
const filter = fc.oneof(
  { weight: 4, arbitrary: simple },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("$and", "$or", "$nor"), fc.array(simple, { minLength: 1, maxLength: 2 }))
      .map(([operator, parts]) => ({ [operator]: parts })),
  },
);

describe("any filter over any documents", () => {
  let client: MongoClient;
  let collection: Collection<{ _id: number }>;

  beforeAll(() => {
    client = new MongoClient(serverAddress("MONGO"));
    collection = client.db(uniqueName("filters")).collection("any");
  });
  afterAll(async () => {
    await client.db(collection.dbName).dropDatabase();
    await client.close();
  });

  it(
    "matches the same documents in this process and on the real server",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(document, { minLength: 5, maxLength: 12 }),
          fc.array(filter, { minLength: 5, maxLength: 10 }),
          async (documents, filters) => {
            const stored = documents.map((one, _id) => ({ ...one, _id }));
            await collection.deleteMany({});
            await collection.insertMany(stored);
            for (const one of filters) {
              assertFilter(one);
              const found = await collection.find(withBsonPatterns(one), { projection: { _id: 1 } }).toArray();
              const mine = [...matching(stored, one)].map(({ _id }) => _id);
              expect(mine.sort(), JSON.stringify(one)).toEqual(found.map(({ _id }) => _id).sort());
            }
          },
        ),
        fewer(5),
      );
    },
    timeoutMs,
  );
});
