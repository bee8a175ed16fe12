import type { Collection, Db } from "mongodb";
import type { Calendar } from "../calendar.js";
import { byMessage, fold, incrementsByRecord } from "../fold.js";
import { collectionOf, type MessageCollection, type PositionedEvent } from "../lineage-store.js";
import type { Increment, PositionedIncrement, Visit } from "../rollup.js";
import { untilUndisturbed } from "./conflicts.js";
import { areDuplicates } from "./mongo-errors.js";
import { addIncrements, assertCountable, changesIn } from "./mongo-rollups.js";
import { asBorn, asChanged, countsOfBirth, type StoredMessage } from "./stored-message.js";

/** The events of one message in a batch, and the resulting change. */
interface Share {
  readonly id: string;
  readonly increments: readonly Increment[];
  readonly visits: readonly Visit[];
  readonly byRecord: () => readonly PositionedIncrement[];
  /** The new document for the version that was read; undefined if nothing changes. */
  readonly change: { readonly version: number; readonly document: StoredMessage } | undefined;
}

type Group = readonly [id: string, events: readonly PositionedEvent[]];
type Groups = ReadonlyMap<string, readonly PositionedEvent[]>;

/** The shares of the messages that were handled, and the groups that remain. */
interface Taken {
  readonly shares: readonly Share[];
  readonly left: Groups;
}

/** Alternates between creating and reading documents: only a document that expires in between takes a third round. */
const mostRounds = 5;

const shareOfKnown = (stored: StoredMessage, events: readonly PositionedEvent[]): Share => {
  const ofBirth = countsOfBirth(stored, events);
  const folded = fold(stored, events);
  return {
    id: stored._id,
    increments: [...ofBirth, ...(folded?.increments ?? [])],
    visits: folded?.visits ?? [],
    byRecord: () => [...ofBirth, ...incrementsByRecord(stored, events)],
    change: folded && { version: stored.version, document: asChanged(stored, folded.document, events) },
  };
};

/** Groups a batch's events by message and by the collection of the message. */
const byCollection = (events: readonly PositionedEvent[]): ReadonlyMap<MessageCollection, Groups> => {
  const parts = new Map<MessageCollection, PositionedEvent[]>();
  for (const positioned of events) {
    const name = collectionOf(positioned.event.channel);
    const part = parts.get(name);
    if (part) part.push(positioned);
    else parts.set(name, [positioned]);
  }
  return new Map([...parts].map(([name, part]) => [name, byMessage(part)]));
};

/** Inserts documents and skips existing ones. Resolves with the ids of the skipped documents. */
const insertAll = async (collection: Collection<StoredMessage>, documents: readonly StoredMessage[]): Promise<ReadonlySet<string>> => {
  try {
    await collection.insertMany([...documents], { ordered: false });
    return new Set();
  } catch (error) {
    if (!areDuplicates(error)) throw error;
    return new Set([error.writeErrors].flat().flatMap(({ index }) => documents[index]?._id ?? []));
  }
};

/** Creates the documents of some messages. Throws before writing anything if one cannot be counted. */
const createSome = async (collection: Collection<StoredMessage>, calendar: Calendar, groups: readonly Group[]): Promise<Taken> => {
  const made = groups.flatMap(([id, events]) => {
    const folded = fold(undefined, events);
    return folded ? [{ id, events, increments: folded.increments, document: asBorn(folded.document, events) }] : [];
  });
  assertCountable(
    calendar,
    made.flatMap(({ increments }) => increments),
  );
  const there = await insertAll(
    collection,
    made.map(({ document }) => document),
  );
  const shares = made
    .filter(({ id }) => !there.has(id))
    .map(({ id, events, document, increments }): Share => {
      return { id, increments, visits: [], byRecord: () => countsOfBirth(document, events), change: undefined };
    });
  return { shares, left: new Map(groups.filter(([id]) => there.has(id))) };
};

/** This many documents go to the server while the next are folded. */
const chunk = 100;

/** Creates documents for messages without one and returns the other messages. */
const create = async (collection: Collection<StoredMessage>, calendar: Calendar, groups: Groups): Promise<Taken> => {
  const all = [...groups];
  const taken: Promise<Taken>[] = [];
  for (let from = 0; from < all.length; from += chunk) {
    const part = createSome(collection, calendar, all.slice(from, from + chunk));
    part.catch(() => undefined); // reported below, with the others
    taken.push(part);
    // the driver sends the documents once this thread yields
    await new Promise((resolve) => setImmediate(resolve));
  }
  const parts = await Promise.all(taken);
  return { shares: parts.flatMap(({ shares }) => shares), left: new Map(parts.flatMap(({ left }) => [...left])) };
};

/** Reads the documents of messages that have one and returns the other messages. */
const read = async (collection: Collection<StoredMessage>, groups: Groups): Promise<Taken> => {
  if (groups.size === 0) return { shares: [], left: groups };
  const found = await collection.find({ _id: { $in: [...groups.keys()] } }).toArray();
  const there = new Set(found.map(({ _id }) => _id));
  return {
    shares: found.map((stored) => shareOfKnown(stored, groups.get(stored._id) ?? [])),
    left: new Map([...groups].filter(([id]) => !there.has(id))),
  };
};

/** A message whose first step is in the batch is most likely new. Creating its document reveals whether it is. */
const isLikelyNew = ([first]: readonly PositionedEvent[]): boolean => first?.event.stage === "accept";

const takeIn = async (collection: Collection<StoredMessage>, calendar: Calendar, groups: Groups, isRetry: boolean): Promise<Share[]> => {
  const shares: Share[] = [];
  const isNew = ([, events]: Group): boolean => !isRetry && isLikelyNew(events);
  let toCreate: Groups = new Map([...groups].filter(isNew));
  let toRead: Groups = new Map([...groups].filter((group) => !isNew(group)));
  for (let round = 0; toCreate.size + toRead.size > 0; round += 1) {
    if (round >= mostRounds) throw new Error(`documents appeared and disappeared ${mostRounds} times`);
    const [created, known] = await Promise.all([create(collection, calendar, toCreate), read(collection, toRead)]);
    shares.push(...created.shares, ...known.shares);
    [toCreate, toRead] = [known.left, created.left];
  }
  return shares;
};

/**
 * Replaces the documents that were read with the changed ones. Resolves with the ids of documents that another writer changed meanwhile.
 */
const replaceAll = async (collection: Collection<StoredMessage>, shares: readonly Share[]): Promise<readonly string[]> => {
  const changes = shares.flatMap(({ change }) => change ?? []);
  if (changes.length === 0) return [];
  const { matchedCount } = await collection.bulkWrite(
    changes.map(({ version, document }) => ({
      replaceOne: { filter: { _id: document._id, version }, replacement: document },
    })),
    { ordered: false },
  );
  // all documents are read again to find the changed ones: for the others no event is new then
  return matchedCount === changes.length ? [] : changes.map(({ document }) => document._id);
};

/**
 * Writes a batch of the log: documents, and the resulting changes to the counts.
 *
 * Each document is counted once, despite redelivery, in whatever portions, by any number of writers:
 *
 * - A rollup stores, for each partition, the offset up to which it has counted. Redelivered records before that offset are skipped
 * (`addIncrements`).
 * - An existing document is counted before it is changed. After a crash in between, its records change it again and make the same
 * increments, each at the offset of its record.
 * - A new document is created before it is counted, so that nothing has to be read first. Its field `born` names the record that represents
 * its creation: the message's last record in the batch. After a crash in between, the document exists, and redelivery of that record
 * repeats the increments. Rollups that counted them skip them. The other records of the creation make no increments, in whatever portions
 * they arrive. When two writers have different portions, the one that created the document counts it.
 * - `born` is dropped when a later record of the partition changes the document, or together with that record: the creation is counted by
 * then. A change from another partition keeps it, with the document as created.
 * - A record that cannot be counted is detected before anything is written.
 */
export const appendToMongo = async (database: Db, calendar: Calendar, events: readonly PositionedEvent[]): Promise<void> => {
  let remaining = byCollection(events);
  let isRetry = false;
  await untilUndisturbed(async () => {
    const taken = await Promise.all(
      [...remaining].map(async ([name, groups]) => {
        const collection = database.collection<StoredMessage>(name);
        return { name, collection, groups, shares: await takeIn(collection, calendar, groups, isRetry) };
      }),
    );
    const shares = taken.flatMap((one) => one.shares);
    await addIncrements(database, calendar, {
      events,
      changes: changesIn(
        calendar,
        shares.flatMap(({ increments }) => increments),
        shares.flatMap(({ visits }) => visits),
      ),
      byRecord: () => shares.flatMap(({ byRecord }) => byRecord()),
    });
    const disturbed = await Promise.all(
      taken.map(async ({ name, collection, groups, shares: own }): Promise<[MessageCollection, Groups]> => {
        const ids = await replaceAll(collection, own);
        return [name, new Map(ids.map((id) => [id, groups.get(id) ?? []]))];
      }),
    );
    remaining = new Map(disturbed.filter(([, groups]) => groups.size > 0));
    isRetry = true;
    return remaining.size === 0;
  });
};
