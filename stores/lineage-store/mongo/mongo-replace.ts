import type { Db } from "mongodb";
import { collectionOf, type MessageDocument, messageCollections } from "../lineage-store.js";

/** Replaces documents whose version is still the one given. Resolves with their number. */
export const replaceInMongo = async (database: Db, documents: readonly MessageDocument[]): Promise<number> => {
  const replaced = await Promise.all(
    messageCollections.map(async (collection) => {
      const own = documents.filter(({ channel }) => collectionOf(channel) === collection);
      if (own.length === 0) return 0;
      const writes = own.map(({ _id, version, ...fields }) => ({
        // keeps the store's own bookkeeping fields in the document
        updateOne: { filter: { _id, version }, update: { $set: { ...fields, version: version + 1 } } },
      }));
      return (await database.collection<MessageDocument>(collection).bulkWrite(writes, { ordered: false })).matchedCount;
    }),
  );
  return replaced.reduce((sum, count) => sum + count, 0);
};
