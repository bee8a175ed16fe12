import { type Collection, MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withBsonPatterns } from "../../../stores/lineage-store/mongo/bson-patterns.js";
import { cases, shapes } from "../../conformance/filter-semantics.js";
import { uniqueName } from "../../support/scratch.js";
import { serverAddress } from "../../support/servers.js";

const shown = (filter: object): string => JSON.stringify(filter, (_, value) => (value instanceof RegExp ? String(value) : value));

describe("filters on the real server", () => {
  let client: MongoClient;
  let collection: Collection<{ _id: string }>;

  beforeAll(async () => {
    client = new MongoClient(serverAddress("MONGO"));
    collection = client.db(uniqueName("filters")).collection("shapes");
    await collection.insertMany(Object.entries(shapes).map(([_id, shape]) => ({ _id, ...shape })));
  });
  afterAll(async () => {
    await client.db(collection.dbName).dropDatabase();
    await client.close();
  });

  it.each(cases.map(([filter, names]) => [shown(filter), filter, names] as const))(
    "match the same documents: %s",
    async (_, filter, names) => {
      const found = await collection.find(withBsonPatterns(filter), { projection: { _id: 1 } }).toArray();
      expect(found.map(({ _id }) => _id).sort()).toEqual([...names].sort());
    },
  );
});
