import type { Db, IndexDescription } from "mongodb";
import { messageCollections, rollupCollections } from "./lineage-store.js";

/** Whose values are mostly null: only the others are indexed. */
const where = (field: string) => ({ partialFilterExpression: { [field]: { $type: "string" } } });

/** What each index of the message collections answers; equality first, then the order in which pages are read. */
export const messageIndexes: readonly (IndexDescription & { readonly name: string })[] = [
  { name: "accepted", key: { acceptedAt: -1, _id: -1 } },
  { name: "tenant_accepted", key: { tenant: 1, acceptedAt: -1, _id: -1 } },
  { name: "recipient_accepted", key: { to: 1, acceptedAt: -1, _id: -1 } },
  { name: "status_accepted", key: { status: 1, acceptedAt: -1, _id: -1 } },
  { name: "reason_accepted", key: { reason: 1, acceptedAt: -1, _id: -1 }, ...where("reason") },
  { name: "template_accepted", key: { template: 1, acceptedAt: -1, _id: -1 }, ...where("template") },
  { name: "open_expires", key: { expiresAt: 1 }, partialFilterExpression: { final: false } },
];

/** Rollups are asked for by time, mostly of one tenant. */
export const rollupIndexes: readonly (IndexDescription & { readonly name: string })[] = [
  { name: "from", key: { from: 1 } },
  { name: "tenant_from", key: { tenant: 1, from: 1 } },
];

/** Creates collections and indexes. */
export const prepareCollections = async (database: Db): Promise<void> => {
  await Promise.all([
    ...messageCollections.map((name) => database.collection(name).createIndexes([...messageIndexes])),
    ...rollupCollections.map((name) => database.collection(name).createIndexes([...rollupIndexes])),
  ]);
};
