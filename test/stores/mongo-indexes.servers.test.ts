import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Filter, MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { messageIndexes } from "../../stores/lineage-store/mongo/mongo-indexes.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

const database = uniqueName("indexes");
const daySeconds = 86_400;
let client: MongoClient;

const prepare = async (messagesDays: number): Promise<void> => {
  const store = createMongoLineage({ url: serverAddress("MONGO"), database, retention: { messagesDays, hourlyDays: 90, dailyDays: 730 } });
  await store.prepare();
  await store.close();
};
const keptSeconds = async (collection: string): Promise<number | undefined> =>
  (await client.db(database).collection(collection).indexes()).find(({ name }) => name === "keep")?.expireAfterSeconds;

/** The indexes in a query plan, as named by servers of MongoDB's protocol. */
const indexesOf = (plan: unknown, found: string[] = []): string[] => {
  if (plan === null || typeof plan !== "object") return found;
  for (const [key, value] of Object.entries(plan)) {
    if ((key === "indexName" || key === "Index Name") && typeof value === "string") found.push(value);
    // plans that were considered and rejected
    else if (key !== "IndexCosts" && key !== "rejectedPlans") indexesOf(value, found);
  }
  return found;
};

const noon = new Date(Date.UTC(2026, 4, 1, 12));
const documentCount = 8_000;

beforeAll(async () => {
  client = await MongoClient.connect(serverAddress("MONGO"));
  await prepare(90);
  await client
    .db(database)
    .collection<{ readonly _id: string }>("messages_sms")
    .insertMany(
      Array.from({ length: documentCount }, (_, index) => ({
        _id: `m-${index}`,
        tenant: `tenant-${index % 40}`,
        to: `recipient-${index % 800}`,
        status: index % 50 ? "delivered" : "failed",
        final: index % 100 !== 1,
        reason: index % 50 ? null : "no_receipt",
        template: index % 9 ? `template-${index % 30}` : null,
        acceptedAt: new Date(noon.getTime() + (index - documentCount * 0.9) * 60_000),
        expiresAt: new Date(noon.getTime() + (index - documentCount * 0.9) * 60_000 + 3_600_000),
      })),
    );
});
afterAll(async () => {
  await client.db(database).dropDatabase();
  await client.close();
});

describe("MongoDB's indexes", () => {
  it("keep documents as long as is configured, and follow when that changes", async () => {
    await prepare(90);
    expect(await keptSeconds("messages_sms")).toBe(90 * daySeconds);
    expect(await keptSeconds("rollups_hourly")).toBe(90 * daySeconds);
    expect(await keptSeconds("rollups_hourly_totals")).toBe(90 * daySeconds);
    expect(await keptSeconds("rollups_daily")).toBe(730 * daySeconds);
    await prepare(90);
    await prepare(30);
    expect(await keptSeconds("messages_sms")).toBe(30 * daySeconds);
    expect(await keptSeconds("rollups_daily")).toBe(730 * daySeconds);
  });

  it.each<[string, Filter, string]>([
    ["the latest messages", { acceptedAt: { $lt: noon } }, "accepted"],
    ["of a tenant", { tenant: "tenant-1", acceptedAt: { $lt: noon } }, "tenant_accepted"],
    ["to a recipient", { to: "recipient-7" }, "recipient_accepted"],
    ["in a status", { status: "failed", acceptedAt: { $gte: noon } }, "status_accepted"],
    ["that ended for a reason", { reason: "no_receipt" }, "reason_accepted"],
    ["of a template", { template: "template-3", acceptedAt: { $lt: noon } }, "template_accepted"],
    ["open messages, by expiry", { final: false, expiresAt: { $lt: noon } }, "open_expires"],
  ])("answer what docs/reports.md says: %s", async (_, filter, index) => {
    const collection = client.db(database).collection<Pick<MessageDocument, "_id">>("messages_sms");
    const by: Record<string, 1 | -1> = index === "open_expires" ? { expiresAt: 1 } : { acceptedAt: -1, _id: -1 };
    const plan = await collection.find(filter).sort(by).limit(50).explain("queryPlanner");
    // the index for expiry has the same order
    expect(indexesOf(plan).map((name) => (name === "keep" ? "accepted" : name))).toContain(index);
    expect(messageIndexes.map(({ name }) => name)).toContain(index);
    expect(readFileSync(fileURLToPath(new URL("../../docs/reports.md", import.meta.url)), "utf8")).toContain(`\`${index}\``);
  });
});
