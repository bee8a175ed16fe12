import { type AnyBulkWriteOperation, type Collection, type Db, MongoClient } from "mongodb";
import { unavailable } from "../../schemas/errors.js";
import { byMessage, fold } from "./fold.js";
import {
  type ChannelCollection,
  channelCollections,
  collectionOf,
  type LineageStore,
  type MessageDocument,
  type PositionedEvent,
  type RollupDocument,
} from "./lineage-store.js";
import { areDuplicates } from "./mongo-errors.js";
import { addIncrements } from "./mongo-rollups.js";
import { defaultLimit } from "./query-documents.js";
import { assertSafe } from "./safe-filter.js";

export interface MongoLineageOptions {
  readonly url: string;
  readonly database: string;
}

const queryTimeoutMs = 10_000;
const conflictTries = 5;

/** Another writer changed a document between reading and writing: the fold is made anew. */
class WriteConflict extends Error {}

const writeOf = (stored: MessageDocument | undefined, document: MessageDocument): AnyBulkWriteOperation<MessageDocument> =>
  stored ? { replaceOne: { filter: { _id: document._id, version: stored.version }, replacement: document } } : { insertOne: { document } };

const writeAll = async (collection: Collection<MessageDocument>, writes: AnyBulkWriteOperation<MessageDocument>[]): Promise<void> => {
  try {
    const result = await collection.bulkWrite(writes, { ordered: false });
    if (result.insertedCount + result.matchedCount < writes.length) throw new WriteConflict("a document was changed meanwhile");
  } catch (error) {
    throw areDuplicates(error) ? new WriteConflict("a document was created meanwhile", { cause: error }) : error;
  }
};

const foldInto = async (database: Db, channel: ChannelCollection, events: readonly PositionedEvent[]): Promise<void> => {
  const collection = database.collection<MessageDocument>(`messages_${channel}`);
  const messages = byMessage(events);
  const stored = new Map(
    (await collection.find({ _id: { $in: [...messages.keys()] } }).toArray()).map((document) => [document._id, document]),
  );
  const folded = [...messages].flatMap(([id, group]) => fold(stored.get(id), group) ?? []);
  if (folded.length === 0) return;
  // counts before documents: a crash in between repeats both, and each count knows how far it came
  await addIncrements(
    database,
    folded.flatMap(({ increments }) => increments),
    events,
  );
  await writeAll(
    collection,
    folded.map(({ document }) => writeOf(stored.get(document._id), document)),
  );
};

const prepareCollections = (database: Db): Promise<unknown> =>
  Promise.all(
    channelCollections.map((channel) =>
      database.collection(`messages_${channel}`).createIndexes([
        { key: { tenant: 1, acceptedAt: -1 }, name: "tenant_accepted" },
        { key: { to: 1, acceptedAt: -1 }, name: "recipient_accepted" },
        { key: { status: 1, acceptedAt: -1 }, name: "status_accepted" },
        { key: { expiresAt: 1 }, name: "pending_expires", partialFilterExpression: { final: false } },
      ]),
    ),
  );

/** Lineage in MongoDB: a document a message, read and written once a batch. */
export const createMongoLineage = ({ url, database: name }: MongoLineageOptions): LineageStore => {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    socketTimeoutMS: 30_000,
    ignoreUndefined: true,
  });
  const database = client.db(name);
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      // a fault of what was to be written is not a fault of the server, and comes again however often it is tried
      throw error instanceof RangeError || error instanceof TypeError ? error : unavailable("MongoDB", error);
    }
  };
  const messages = (channel: string): Collection<MessageDocument> => database.collection(`messages_${collectionOf(channel)}`);
  const appendTo = async (channel: ChannelCollection, events: readonly PositionedEvent[]): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await foldInto(database, channel, events);
      } catch (error) {
        if (!(error instanceof WriteConflict) || tries >= conflictTries) throw error;
      }
    }
  };
  return {
    prepare: () =>
      ask(async () => {
        await prepareCollections(database);
      }),
    append: (events) =>
      ask(async () => {
        await Promise.all(
          channelCollections.map((channel) => {
            const own = events.filter(({ event }) => collectionOf(event.channel) === channel);
            return own.length > 0 ? appendTo(channel, own) : undefined;
          }),
        );
      }),
    find: (id) =>
      ask(async () => {
        const found = await Promise.all(
          channelCollections.map((channel) => messages(channel).findOne({ _id: id }, { maxTimeMS: queryTimeoutMs })),
        );
        return found.find((document) => document !== null) ?? undefined;
      }),
    query: async (channel, filter, options = {}) => {
      assertSafe(filter);
      return ask(() => {
        const cursor = messages(channel)
          .find(filter, { maxTimeMS: queryTimeoutMs })
          .limit(options.limit ?? defaultLimit);
        if (options.sort) cursor.sort({ ...options.sort });
        if (options.skip) cursor.skip(options.skip);
        return cursor.toArray();
      });
    },
    aggregate: async (channel, pipeline) => {
      assertSafe(pipeline);
      return ask(() =>
        messages(channel)
          .aggregate([...pipeline], { maxTimeMS: queryTimeoutMs })
          .toArray(),
      );
    },
    rollups: async (filter) => {
      assertSafe(filter);
      return ask(() =>
        database
          .collection<RollupDocument>("rollups_daily")
          .find(filter, { projection: { applied: 0 }, maxTimeMS: queryTimeoutMs })
          .toArray(),
      );
    },
    close: () => client.close(),
  };
};
