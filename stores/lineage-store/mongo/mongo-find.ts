import type { Db } from "mongodb";
import {
  type CollectionName,
  type DocumentOf,
  type Filter,
  type MessageDocument,
  messageCollections,
  type QueryOptions,
} from "../lineage-store.js";
import { defaultLimit } from "../query/query-documents.js";
import { withBsonPatterns } from "./bson-patterns.js";

/** The store's own bookkeeping of counts, which is not part of the documents. */
const ownField = (collection: CollectionName): string => (collection.startsWith("rollups_") ? "applied" : "born");

const projectionOf = (collection: CollectionName, keys: QueryOptions["keys"] = {}): Record<string, 0 | 1> => {
  const names = Object.values(keys).some((wanted) => wanted === 1);
  return names ? keys : { ...keys, [ownField(collection)]: 0 };
};

/** The documents that match the filter. */
export const findInMongo = async <Name extends CollectionName>(
  database: Db,
  name: Name,
  filter: Filter,
  options: QueryOptions,
  deadlineMs: number,
): Promise<DocumentOf<Name>[]> => {
  const { sort, skip, limit = defaultLimit, keys } = options;
  const cursor = database.collection(name).find(withBsonPatterns(filter), { maxTimeMS: deadlineMs }).limit(limit);
  cursor.project(projectionOf(name, keys));
  if (sort) cursor.sort({ ...sort });
  if (skip) cursor.skip(skip);
  return (await cursor.toArray()) as unknown as DocumentOf<Name>[];
};

/** The message with the id, in whichever collection it is. */
export const findMessage = async (database: Db, id: string, deadlineMs: number): Promise<MessageDocument | undefined> => {
  const found = await Promise.all(
    messageCollections.map((name) =>
      database.collection<MessageDocument>(name).findOne({ _id: id }, { projection: { [ownField(name)]: 0 }, maxTimeMS: deadlineMs }),
    ),
  );
  return found.find((document) => document !== null) ?? undefined;
};
