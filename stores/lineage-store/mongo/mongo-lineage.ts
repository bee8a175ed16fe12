import { type AnyBulkWriteOperation, type Collection, type Db, MongoServerError } from "mongodb";
import { CarillonError, unavailable } from "../../../schemas/errors.js";
import { createRenewingClient } from "../../renewing-client.js";
import { type Calendar, utc } from "../calendar.js";
import { byMessage, fold, incrementsByRecord } from "../fold.js";
import {
  type CollectionName,
  collectionOf,
  type DocumentOf,
  type Filter,
  type LineageStore,
  type MessageCollection,
  type MessageDocument,
  messageCollections,
  type PositionedEvent,
  type QueryOptions,
  type Retention,
} from "../lineage-store.js";
import { defaultLimit } from "../query/query-documents.js";
import { assertFilter, assertPipeline } from "../query/query-rules.js";
import { byTimeWindows } from "../query/time-windows.js";
import { withBsonPatterns } from "./bson-patterns.js";
import { untilUndisturbed } from "./conflicts.js";
import { connectMongo, type MongoAccess } from "./connect-mongo.js";
import { areDuplicates, isFaultOfTheData, isOutage } from "./mongo-errors.js";
import { prepareCollections } from "./mongo-indexes.js";
import { recountInMongo } from "./mongo-recount.js";
import { addIncrements } from "./mongo-rollups.js";
import { sumInMongo } from "./mongo-sums.js";

export interface MongoLineageOptions extends MongoAccess {
  readonly database: string;
  readonly calendar?: Calendar;
  /** How long documents are kept; for ever unless given. */
  readonly retention?: Retention;
  /** Longest question. */
  readonly deadlineMs?: number;
  /** Reports that a new client was made. */
  readonly onTrouble?: (error: unknown) => void;
}

const messagesIn = (database: Db, collection: MessageCollection): Collection<MessageDocument> => database.collection(collection);

const writeOf = (stored: MessageDocument | undefined, document: MessageDocument): AnyBulkWriteOperation<MessageDocument> =>
  stored ? { replaceOne: { filter: { _id: document._id, version: stored.version }, replacement: document } } : { insertOne: { document } };

/** False when another writer changed or created some of them between reading and writing: those were left as they are. */
const writeAll = async (collection: Collection<MessageDocument>, writes: AnyBulkWriteOperation<MessageDocument>[]): Promise<boolean> => {
  try {
    const result = await collection.bulkWrite(writes, { ordered: false });
    return result.insertedCount + result.matchedCount === writes.length;
  } catch (error) {
    if (areDuplicates(error)) return false;
    throw error;
  }
};

/** False when another writer came between: what it left is to be folded anew. */
const foldInto = async (
  database: Db,
  calendar: Calendar,
  name: MessageCollection,
  events: readonly PositionedEvent[],
): Promise<boolean> => {
  const collection = database.collection<MessageDocument>(name);
  const messages = byMessage(events);
  const stored = new Map(
    (await collection.find({ _id: { $in: [...messages.keys()] } }).toArray()).map((document) => [document._id, document]),
  );
  const folded = [...messages].flatMap(([id, group]) => fold(stored.get(id), group) ?? []);
  if (folded.length === 0) return true;
  // counts before documents: a crash in between repeats both, and each count knows how far it came
  await addIncrements(database, calendar, {
    events,
    increments: folded.flatMap(({ increments }) => increments),
    visits: folded.flatMap(({ visits }) => visits),
    byRecord: () => [...messages].flatMap(([id, group]) => incrementsByRecord(stored.get(id), group)),
  });
  return writeAll(
    collection,
    folded.map(({ document }) => writeOf(stored.get(document._id), document)),
  );
};

/** `applied` is the store's own account of what was counted. */
const projectionOf = (collection: CollectionName, keys: QueryOptions["keys"]) => {
  if (!collection.startsWith("rollups_")) return keys;
  const names = Object.values(keys ?? {}).some((wanted) => wanted === 1);
  return names ? keys : { ...keys, applied: 0 as const };
};

const maxTimeExpired = 50;
/** Longest question, and longest write of a batch: several calls of the server, each with a deadline of its own. */
const questionMs = 30_000;
/** What reads or indexes everything takes as long as it takes, yet not for ever. */
const longMs = 6 * 3_600_000;

/** Lineage in MongoDB: a document a message, read and written once a batch. */
export const createMongoLineage = ({
  url,
  username,
  password,
  tls,
  database: name,
  calendar = utc,
  retention,
  deadlineMs = 10_000,
  onTrouble = () => undefined,
}: MongoLineageOptions): LineageStore => {
  const connection = createRenewingClient({
    what: "MongoDB",
    create: () => connectMongo({ url, username, password, tls }),
    close: (client) => client.close(),
    isOutage,
    onRenewed: (what) => onTrouble(new CarillonError("UNAVAILABLE", `${what} failed repeatedly: a new client has taken over`)),
  });
  const ask = async <T>(question: (database: Db) => Promise<T>, timeoutMs = questionMs): Promise<T> => {
    try {
      return await connection.use(timeoutMs, (client) => question(client.db(name)));
    } catch (error) {
      if (error instanceof MongoServerError && error.code === maxTimeExpired)
        throw new CarillonError("FILTER_TOO_SLOW", `the question took longer than ${deadlineMs} ms`, {
          cause: error,
          fix: "narrow it by acceptedAt, to, template, reason or status, or ask the rollups",
        });
      // a fault of what was to be written is not a fault of the server, and comes again however often it is tried
      throw isFaultOfTheData(error) ? error : unavailable("MongoDB", error);
    }
  };
  const findIn = async <Name extends CollectionName>(
    database: Db,
    name: Name,
    filter: Filter,
    options: QueryOptions,
  ): Promise<DocumentOf<Name>[]> => {
    const { sort, skip, limit = defaultLimit, keys } = options;
    const cursor = database.collection(name).find(withBsonPatterns(filter), { maxTimeMS: deadlineMs }).limit(limit);
    const projection = projectionOf(name, keys);
    if (projection) cursor.project({ ...projection });
    if (sort) cursor.sort({ ...sort });
    if (skip) cursor.skip(skip);
    return (await cursor.toArray()) as unknown as DocumentOf<Name>[];
  };
  return {
    prepare: () => ask((database) => prepareCollections(database, retention), longMs),
    append: (events) =>
      ask(async (database) => {
        await Promise.all(
          messageCollections.map((collection) => {
            const own = events.filter(({ event }) => collectionOf(event.channel) === collection);
            return own.length > 0 ? untilUndisturbed(() => foldInto(database, calendar, collection, own)) : undefined;
          }),
        );
      }),
    find: (id) =>
      ask(async (database) => {
        const found = await Promise.all(
          messageCollections.map((collection) => messagesIn(database, collection).findOne({ _id: id }, { maxTimeMS: deadlineMs })),
        );
        return found.find((document) => document !== null) ?? undefined;
      }),
    replace: (documents) =>
      ask(async (database) => {
        const replaced = await Promise.all(
          messageCollections.map(async (collection) => {
            const own = documents.filter(({ channel }) => collectionOf(channel) === collection);
            if (own.length === 0) return 0;
            const writes = own.map((document) => writeOf(document, { ...document, version: document.version + 1 }));
            return (await messagesIn(database, collection).bulkWrite(writes, { ordered: false })).matchedCount;
          }),
        );
        return replaced.reduce((sum, count) => sum + count, 0);
      }),
    query: async <Name extends CollectionName>(collection: Name, filter: Filter, options: QueryOptions = {}) => {
      assertFilter(filter);
      const limited = { ...options, limit: options.limit ?? defaultLimit };
      return byTimeWindows(collection, filter, limited, Date.now(), (own, narrowed) =>
        ask((database) => findIn(database, collection, own, narrowed)),
      );
    },
    count: async (collection, filter) => {
      assertFilter(filter);
      return ask((database) => database.collection(collection).countDocuments(withBsonPatterns(filter), { maxTimeMS: deadlineMs }));
    },
    aggregate: async (collection, pipeline) => {
      assertPipeline(pipeline);
      return ask((database) =>
        database
          .collection(collection)
          .aggregate([...withBsonPatterns(pipeline)], { maxTimeMS: deadlineMs })
          .toArray(),
      );
    },
    sum: async (collection, filter, options) => {
      assertFilter(filter);
      return ask((database) => sumInMongo(database.collection(collection), withBsonPatterns(filter), options, deadlineMs));
    },
    recount: (onProgress) => ask((database) => recountInMongo(database, calendar, onProgress), longMs),
    close: connection.close,
  };
};
