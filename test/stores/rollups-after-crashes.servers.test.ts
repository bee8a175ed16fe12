import { type Db, MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { utc } from "../../stores/lineage-store/calendar.js";
import type { LineageStore, PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import { appendToMongo } from "../../stores/lineage-store/mongo/mongo-append.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { createRandom, type Random } from "../simulation/random.js";
import { lineageRecords } from "../support/lineage-records.js";
import { rollupFaults } from "../support/rollups.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);
const database = uniqueName("crashes");
let client: MongoClient;
let store: LineageStore;

beforeAll(async () => {
  client = await MongoClient.connect(serverAddress("MONGO"));
  store = createMongoLineage({ url: serverAddress("MONGO"), database });
  await store.prepare();
});
afterAll(async () => {
  await client.db(database).dropDatabase();
  await client.close();
  await store.close();
});

class Crash extends Error {}

/** The first writes of a process that ends during one of them: some of that write's part or nothing, and nothing of the later ones. */
const crashing = (real: Db, random: Random, wholeWrites: number): Db => {
  let writes = 0;
  const part = async (items: readonly unknown[], write: (some: unknown[]) => Promise<unknown>): Promise<unknown> => {
    writes += 1;
    if (writes <= wholeWrites) return write([...items]);
    const some = writes === wholeWrites + 1 ? items.filter(() => random.chance(0.5)) : [];
    // the result is ignored, because the process has ended
    if (some.length > 0) await write(some).catch(() => undefined);
    throw new Crash();
  };
  const collection = (name: string) => {
    const own = real.collection(name);
    return {
      find: own.find.bind(own),
      insertMany: (items: readonly never[], options: object) => part(items, (some) => own.insertMany(some as never, options)),
      bulkWrite: (items: readonly never[], options: object) => part(items, (some) => own.bulkWrite(some as never, options)),
    };
  };
  return { collection } as unknown as Db;
};

const crash = async (batch: readonly PositionedEvent[], random: Random): Promise<void> => {
  const real = client.db(database, { ignoreUndefined: true });
  // documents, four kinds of rollups, and existing documents
  await appendToMongo(crashing(real, random, random.between(0, 5)), utc, batch).catch((error: unknown) => {
    if (!(error instanceof Crash)) throw error;
  });
};

it.each(seeds)("counts each message once through crashes, redeliveries in other portions, and a replay: seed %i", async (seed) => {
  const random = createRandom(seed, "crashes");
  const tenant = uniqueName("tenant");
  const records = lineageRecords(tenant, createRandom(seed, "records"), { messages: 40, partition: seed % 3 });
  let crashes = 0;
  for (let from = 0; from < records.length; ) {
    const batch = records.slice(from, from + random.between(1, 30));
    if (random.chance(0.4)) {
      crashes += 1;
      await crash(batch, random);
    } else {
      await store.append(batch);
      from += batch.length;
    }
  }
  expect(crashes).toBeGreaterThan(2);
  expect(await rollupFaults(store, { tenant })).toEqual([]);
  for (let from = 0; from < records.length; from += 37) await store.append(records.slice(from, from + 37));
  expect(await rollupFaults(store, { tenant })).toEqual([]);
});

it("counts each message once where a batch comes again after all was counted anew", async () => {
  const own = `${database}-recount`;
  const other = createMongoLineage({ url: serverAddress("MONGO"), database: own });
  const real = client.db(own, { ignoreUndefined: true });
  const tenant = uniqueName("tenant");
  const records = lineageRecords(tenant, createRandom(1, "recount"), { messages: 20, partition: 0 });
  try {
    await other.prepare();
    // all documents exist, and nothing is counted
    await appendToMongo(crashing(real, createRandom(1, "nothing"), 1), utc, records).catch(() => undefined);
    expect(await other.recount()).toBe(20);
    expect(await rollupFaults(other, { tenant })).toEqual([]);
    for (let from = 0; from < records.length; from += 7) await other.append(records.slice(from, from + 7));
    expect(await rollupFaults(other, { tenant })).toEqual([]);
    expect(await other.find(`${tenant}-0`)).not.toHaveProperty("born");
    expect((await other.query("messages_sms", { tenant }))[0]).not.toHaveProperty("born");
    expect((await other.query("messages_sms", { tenant }, { keys: { lineage: 0 } }))[0]).not.toHaveProperty("born");
  } finally {
    await real.dropDatabase();
    await other.close();
  }
});
