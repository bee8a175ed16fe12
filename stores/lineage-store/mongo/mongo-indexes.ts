import type { Db, IndexDescription } from "mongodb";
import { messageCollections, type Retention, rollupCollections } from "../lineage-store.js";

/** The query that each index serves: equality first, then the order in which pages are read. */
export const messageIndexes: readonly (IndexDescription & { readonly name: string })[] = [
  { name: "accepted", key: { acceptedAt: -1, _id: -1 } },
  { name: "tenant_accepted", key: { tenant: 1, acceptedAt: -1, _id: -1 } },
  { name: "recipient_accepted", key: { to: 1, acceptedAt: -1, _id: -1 } },
  { name: "user_accepted", key: { user: 1, acceptedAt: -1, _id: -1 }, partialFilterExpression: { user: { $exists: true } } },
  { name: "status_accepted", key: { status: 1, acceptedAt: -1, _id: -1 } },
  { name: "reason_accepted", key: { reason: 1, acceptedAt: -1, _id: -1 } },
  { name: "template_accepted", key: { template: 1, acceptedAt: -1, _id: -1 } },
  { name: "open_expires", key: { expiresAt: 1 }, partialFilterExpression: { final: false } },
];

/** Rollup queries filter by time, and mostly by one tenant. */
export const rollupIndexes: readonly (IndexDescription & { readonly name: string })[] = [
  { name: "from", key: { from: -1, _id: -1 } },
  { name: "tenant_from", key: { tenant: 1, from: 1 } },
];

const daySeconds = 86_400;
const ttlName = "keep";

/** Makes the server expire older documents. A changed duration updates the index in place. */
const keepFor = async (database: Db, name: string, field: string, days: number): Promise<void> => {
  const collection = database.collection(name);
  const expireAfterSeconds = days * daySeconds;
  const known = (await collection.indexes()).find((index) => index.name === ttlName);
  if (!known) await collection.createIndex({ [field]: 1 }, { name: ttlName, expireAfterSeconds });
  else if (known.expireAfterSeconds !== expireAfterSeconds)
    await database.command({ collMod: name, index: { name: ttlName, expireAfterSeconds } });
};

/** Creates collections and indexes. */
export const prepareCollections = async (database: Db, retention: Retention | undefined): Promise<void> => {
  await Promise.all([
    ...messageCollections.map((name) => database.collection(name).createIndexes([...messageIndexes])),
    ...rollupCollections.map((name) => database.collection(name).createIndexes([...rollupIndexes])),
  ]);
  if (!retention) return;
  const { messagesDays, hourlyDays, dailyDays } = retention;
  await Promise.all([
    ...messageCollections.map((name) => keepFor(database, name, "acceptedAt", messagesDays)),
    ...rollupCollections.map((name) => keepFor(database, name, "from", name.startsWith("rollups_hourly") ? hourlyDays : dailyDays)),
  ]);
};
