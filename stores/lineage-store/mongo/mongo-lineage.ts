import { type Db, MongoServerError } from "mongodb";
import { CarillonError, unavailable } from "../../../schemas/errors.js";
import { createRenewingClient } from "../../renewing-client.js";
import { type Calendar, utc } from "../calendar.js";
import type { CollectionName, Filter, LineageStore, QueryOptions, Retention } from "../lineage-store.js";
import { defaultLimit } from "../query/query-documents.js";
import { assertFilter, assertPipeline } from "../query/query-rules.js";
import { byTimeWindows } from "../query/time-windows.js";
import { withBsonPatterns } from "./bson-patterns.js";
import { connectMongo, type MongoAccess } from "./connect-mongo.js";
import { appendToMongo } from "./mongo-append.js";
import { isFaultOfTheData, isOutage } from "./mongo-errors.js";
import { findInMongo, findMessage } from "./mongo-find.js";
import { prepareCollections } from "./mongo-indexes.js";
import { recountInMongo } from "./mongo-recount.js";
import { replaceInMongo } from "./mongo-replace.js";
import { sumInMongo } from "./mongo-sums.js";

export interface MongoLineageOptions extends MongoAccess {
  readonly database: string;
  readonly calendar?: Calendar;
  /** How long documents are kept; default: unlimited. */
  readonly retention?: Retention;
  /** Deadline of a query. */
  readonly deadlineMs?: number;
  /** Called when a new client replaces the current one. */
  readonly onTrouble?: (error: unknown) => void;
}

const maxTimeExpired = 50;
/** Deadline of a query and of writing a batch. Each consists of several calls to the server that have their own deadlines. */
const questionMs = 30_000;
/** Deadline of operations that read or index everything: long, but bounded. */
const longMs = 6 * 3_600_000;

/** Lineage in MongoDB: one document per message, written once per batch. */
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
        throw new CarillonError("FILTER_TOO_SLOW", `the query took longer than ${deadlineMs} ms`, {
          cause: error,
          fix: "narrow it by acceptedAt, to, template, reason or status, or query the rollups",
        });
      // an error in the data is not the server's, and recurs however often the write is retried
      throw isFaultOfTheData(error) ? error : unavailable("MongoDB", error);
    }
  };
  return {
    prepare: () => ask((database) => prepareCollections(database, retention), longMs),
    append: (events) => ask((database) => appendToMongo(database, calendar, events)),
    find: (id) => ask((database) => findMessage(database, id, deadlineMs)),
    replace: (documents) => ask((database) => replaceInMongo(database, documents)),
    query: async <Name extends CollectionName>(collection: Name, filter: Filter, options: QueryOptions = {}) => {
      assertFilter(filter);
      const limited = { ...options, limit: options.limit ?? defaultLimit };
      return byTimeWindows(collection, filter, limited, Date.now(), (own, narrowed) =>
        ask((database) => findInMongo(database, collection, own, narrowed, deadlineMs)),
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
