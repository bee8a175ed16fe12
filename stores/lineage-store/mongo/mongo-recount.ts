import type { Db } from "mongodb";
import type { Calendar } from "../calendar.js";
import { messageCollections, type RollupKind, rollupKinds } from "../lineage-store.js";
import { rollupsOf } from "../rollup.js";
import { appliedField, type CountedRollup, rollupsOf as collectionOf } from "./mongo-rollups.js";
import type { StoredMessage } from "./stored-message.js";

/** First and last instant of documents and rollups; undefined if there are none. */
const spanOf = async (database: Db): Promise<{ readonly first: Date; readonly last: Date } | undefined> => {
  const ends = await Promise.all([
    ...messageCollections.flatMap((name) =>
      ([1, -1] as const).map(
        async (direction) =>
          (await database.collection(name).findOne({}, { sort: { acceptedAt: direction }, projection: { acceptedAt: 1 } }))?.acceptedAt,
      ),
    ),
    ...rollupKinds.flatMap((kind) =>
      ([1, -1] as const).map(
        async (direction) => (await collectionOf(database, kind).findOne({}, { sort: { from: direction }, projection: { from: 1 } }))?.from,
      ),
    ),
  ]);
  const instants = ends.filter((at): at is Date => at instanceof Date).map((at) => at.getTime());
  return instants.length === 0 ? undefined : { first: new Date(Math.min(...instants)), last: new Date(Math.max(...instants)) };
};

interface Day {
  readonly $gte: Date;
  readonly $lt: Date;
}

const documentsOf = async (database: Db, day: Day): Promise<StoredMessage[]> => {
  const found = await Promise.all(
    messageCollections.map((name) =>
      database
        .collection<StoredMessage>(name)
        .find({ acceptedAt: day }, { projection: { lineage: 0 } })
        .toArray(),
    ),
  );
  return found.flat() as StoredMessage[];
};

/** The counted offset per partition once these documents are counted: the rollups' offset of the day, or the creation of the documents. */
const appliedOf = (rollups: readonly Pick<CountedRollup, "applied">[], documents: readonly StoredMessage[]): Record<string, number> => {
  const applied: Record<string, number> = {};
  const noteAt = (field: string, offset: number): void => {
    applied[field] = Math.max(applied[field] ?? -1, offset);
  };
  for (const { applied: known = {} } of rollups) for (const [field, offset] of Object.entries(known)) noteAt(field, offset);
  for (const { born } of documents) if (born) noteAt(appliedField(born.partition), born.offset);
  return applied;
};

const replaceDay = async (
  database: Db,
  calendar: Calendar,
  kind: RollupKind,
  day: Day,
  documents: readonly StoredMessage[],
): Promise<void> => {
  const collection = collectionOf(database, kind);
  const applied = appliedOf(await collection.find({ from: day }, { projection: { applied: 1 } }).toArray(), documents);
  await collection.deleteMany({ from: day });
  const rollups = rollupsOf(kind, documents, calendar).map((rollup) => ({ ...rollup, applied }));
  if (rollups.length > 0) await collection.insertMany(rollups);
};

/** Recounts all documents day by day. The new rollups keep the counted offsets of the old ones. */
export const recountInMongo = async (database: Db, calendar: Calendar, onProgress?: (documents: number) => void): Promise<number> => {
  const span = await spanOf(database);
  if (!span) return 0;
  let done = 0;
  for (let begin = calendar.beginOf("day", span.first); begin <= span.last; begin = calendar.nextDay(begin)) {
    const day = { $gte: begin, $lt: calendar.nextDay(begin) };
    const documents = await documentsOf(database, day);
    for (const kind of rollupKinds) await replaceDay(database, calendar, kind, day, documents);
    done += documents.length;
    onProgress?.(done);
  }
  return done;
};
