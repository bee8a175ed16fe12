import type { Collection, Db } from "mongodb";
import type { Calendar } from "../calendar.js";
import { byMessage, fold, incrementsByRecord } from "../fold.js";
import { collectionOf, type MessageCollection, type PositionedEvent } from "../lineage-store.js";
import type { Increment, PositionedIncrement, Visit } from "../rollup.js";
import { untilUndisturbed } from "./conflicts.js";
import { areDuplicates } from "./mongo-errors.js";
import { addIncrements, assertCountable, changesIn } from "./mongo-rollups.js";
import { asBorn, asChanged, countsOfBirth, type StoredMessage } from "./stored-message.js";

/** What a batch holds of one message, and what it changes. */
interface Share {
  readonly id: string;
  readonly increments: readonly Increment[];
  readonly visits: readonly Visit[];
  readonly byRecord: () => readonly PositionedIncrement[];
  /** What to write in place of what was read; undefined where nothing is left to write. */
  readonly change: { readonly version: number; readonly document: StoredMessage } | undefined;
}

type Group = readonly [id: string, events: readonly PositionedEvent[]];
type Groups = ReadonlyMap<string, readonly PositionedEvent[]>;

/** What was found of some messages, and those of which it was not. */
interface Taken {
  readonly shares: readonly Share[];
  readonly left: Groups;
}

/** Documents are created and read by turns: only one that expires in between takes a third round. */
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

/** The batch's events by message, by the collection that holds the message. */
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

/** Inserts documents, and leaves those that are there already. Resolves the ids of these. */
const insertAll = async (collection: Collection<StoredMessage>, documents: readonly StoredMessage[]): Promise<ReadonlySet<string>> => {
  try {
    await collection.insertMany([...documents], { ordered: false });
    return new Set();
  } catch (error) {
    if (!areDuplicates(error)) throw error;
    return new Set([error.writeErrors].flat().flatMap(({ index }) => documents[index]?._id ?? []));
  }
};

/** Creates the documents of some messages. What cannot be counted throws before any of them is written. */
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

/** So many documents go to the server while the next are folded. */
const chunk = 100;

/** Creates the documents of messages that have none, and leaves the other messages. */
const create = async (collection: Collection<StoredMessage>, calendar: Calendar, groups: Groups): Promise<Taken> => {
  const all = [...groups];
  const taken: Promise<Taken>[] = [];
  for (let from = 0; from < all.length; from += chunk) {
    const part = createSome(collection, calendar, all.slice(from, from + chunk));
    part.catch(() => undefined); // it is reported below, with the others
    taken.push(part);
    // the driver sends what it was given once this thread is free
    await new Promise((resolve) => setImmediate(resolve));
  }
  const parts = await Promise.all(taken);
  return { shares: parts.flatMap(({ shares }) => shares), left: new Map(parts.flatMap(({ left }) => [...left])) };
};

/** Reads the documents of messages that have one, and leaves the other messages. */
const read = async (collection: Collection<StoredMessage>, groups: Groups): Promise<Taken> => {
  if (groups.size === 0) return { shares: [], left: groups };
  const found = await collection.find({ _id: { $in: [...groups.keys()] } }).toArray();
  const there = new Set(found.map(({ _id }) => _id));
  return {
    shares: found.map((stored) => shareOfKnown(stored, groups.get(stored._id) ?? [])),
    left: new Map([...groups].filter(([id]) => !there.has(id))),
  };
};

/** A message whose first step is in the batch is most likely new: creating its document says whether it is. */
const isLikelyNew = ([first]: readonly PositionedEvent[]): boolean => first?.event.stage === "accept";

const takeIn = async (collection: Collection<StoredMessage>, calendar: Calendar, groups: Groups, isRetry: boolean): Promise<Share[]> => {
  const shares: Share[] = [];
  const isNew = ([, events]: Group): boolean => !isRetry && isLikelyNew(events);
  let toCreate: Groups = new Map([...groups].filter(isNew));
  let toRead: Groups = new Map([...groups].filter((group) => !isNew(group)));
  for (let round = 0; toCreate.size + toRead.size > 0; round += 1) {
    if (round >= mostRounds) throw new Error(`documents came and went ${mostRounds} times`);
    const [created, known] = await Promise.all([create(collection, calendar, toCreate), read(collection, toRead)]);
    shares.push(...created.shares, ...known.shares);
    [toCreate, toRead] = [known.left, created.left];
  }
  return shares;
};

/** Puts changed documents in the place of those that were read. Resolves the ids of those that another writer changed meanwhile. */
const replaceAll = async (collection: Collection<StoredMessage>, shares: readonly Share[]): Promise<readonly string[]> => {
  const changes = shares.flatMap(({ change }) => change ?? []);
  if (changes.length === 0) return [];
  const { matchedCount } = await collection.bulkWrite(
    changes.map(({ version, document }) => ({
      replaceOne: { filter: { _id: document._id, version }, replacement: document },
    })),
    { ordered: false },
  );
  // which of them is told by reading all of them again: those that were written have nothing new then
  return matchedCount === changes.length ? [] : changes.map(({ document }) => document._id);
};

/**
 * Writes a batch of the log: documents, and what they change in the counts.
 *
 * Each document is counted once, whatever is repeated, in whatever portions, by however many writers:
 *
 * - A rollup remembers per partition how far it has counted. What comes again from before that is passed over (`addIncrements`).
 * - A document that is there already is counted before it is changed. After a crash in between, its records change it again, and make
 *   the same increments, each at the offset of its record.
 * - A new document is created before it is counted, so that nothing is read first. It says which record stands for its creation
 *   (`born`): the last that its batch held of the message. After a crash in between, the documents are there, and that record comes
 *   again: it makes the increments once more, and rollups that counted them pass them over. The other records of the creation make none,
 *   in whatever portions they come: which of two writers with different portions counts is decided by which of them created the document.
 * - `born` is dropped when the document is changed by a later record of the partition, or together with that record: its creation
 *   is counted by then. A change from another partition keeps it, with what was created.
 * - What cannot be counted is found before anything is written.
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
