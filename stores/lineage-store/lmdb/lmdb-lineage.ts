import type { LmdbEnvironment } from "../../lmdb-environment.js";
import { type Calendar, utc } from "../calendar.js";
import { byMessage, fold } from "../fold.js";
import {
  collectionOf,
  type LineageStore,
  messageCollections,
  type PositionedEvent,
  type RollupKind,
  rollupKinds,
} from "../lineage-store.js";
import { changeRollup, changesOf, gather, type RollupChange, rollupsOf } from "../rollup.js";
import { type LmdbDocuments, openLmdbDocuments } from "./lmdb-documents.js";
import { createLmdbReader } from "./lmdb-reader.js";
import type { Plan, Span } from "./plan.js";

/** Most documents removed in one transaction. */
const bite = 500;
const earliestMs = 0;

const first = <T>(items: Iterable<T>, most: number): T[] => {
  const found: T[] = [];
  for (const item of items) {
    found.push(item);
    if (found.length >= most) break;
  }
  return found;
};

const acceptedIn = (span: Span): Plan => ({ kind: "index", index: "accepted", values: [""], also: [], span, exact: true });

/** All days from the first document or rollup to the last. */
const days = function* (documents: LmdbDocuments, calendar: Calendar): Generator<Span> {
  const all: Span = { fromMs: earliestMs, endMs: 8_640_000_000_000_000 };
  const at = (newest: boolean): number[] => [
    ...messageCollections.flatMap((collection) =>
      first(documents.read(collection, acceptedIn(all), newest), 1).map(({ acceptedAt }) => acceptedAt.getTime()),
    ),
    ...rollupKinds.flatMap((kind) => {
      const rollups = [...documents.rollups.read(kind, all)];
      return (newest ? rollups.slice(-1) : rollups.slice(0, 1)).map(({ from }) => from.getTime());
    }),
  ];
  const [begins, ends] = [at(false), at(true)];
  if (begins.length === 0) return;
  const last = Math.max(...ends);
  let begin = calendar.beginOf("day", new Date(Math.min(...begins)));
  while (begin.getTime() <= last) {
    const end = calendar.nextDay(begin);
    yield { fromMs: begin.getTime(), endMs: end.getTime() };
    begin = end;
  }
};

/** Deadline of Carillon's own queries: they use an index, so they never delay delivery for as long. */
const ownDeadlineMs = 10_000;

/** Lineage of the embedded profile: documents and their indexes in LMDB, MongoDB's query language with mingo. */
export const createLmdbLineage = (environment: LmdbEnvironment, calendar: Calendar = utc): LineageStore => {
  const documents = openLmdbDocuments(environment.root);
  const count = (kind: RollupKind, changes: readonly RollupChange[]): void => {
    for (const { identity, by } of changes)
      documents.rollups.set(kind, identity._id, changeRollup(documents.rollups.get(kind, identity._id), identity, by));
  };
  /** Call inside a transaction. Throws before writing anything if an event cannot be stored or counted. */
  const write = (events: readonly PositionedEvent[]): void => {
    const folded = [...byMessage(events)].flatMap(([id, group]) => {
      const stored = documents.messages[collectionOf(group[0]?.event.channel ?? "other")].get(id);
      const made = fold(stored, group);
      return made ? [{ stored, ...made }] : [];
    });
    const increments = gather(folded.flatMap((one) => one.increments));
    const changes = rollupKinds.map((kind) => [kind, changesOf(kind, increments, calendar)] as const);
    for (const { document, stored } of folded) documents.put(document, stored);
    for (const [kind, own] of changes) count(kind, own);
  };
  return {
    prepare: async () => undefined,
    append: async (events) => {
      // documents, their index entries and counts change in one transaction, so that all stay exact
      await environment.transaction(() => write(events));
    },
    find: async (id) => {
      for (const collection of messageCollections) {
        const found = documents.messages[collection].get(id);
        if (found) return found;
      }
      return undefined;
    },
    replace: async (changed) => {
      const replaced = await environment.transaction(() =>
        changed.filter((document) => {
          const stored = documents.messages[collectionOf(document.channel)].get(document._id);
          if (stored?.version !== document.version) return false;
          documents.put({ ...document, version: document.version + 1 }, stored);
          return true;
        }),
      );
      return replaced.length;
    },
    recount: async (onProgress) => {
      let done = 0;
      for (const day of days(documents, calendar)) {
        await environment.transaction(() => {
          const ofDay = messageCollections.flatMap((collection) => [...documents.read(collection, acceptedIn(day), false)]);
          for (const kind of rollupKinds) {
            for (const { _id } of [...documents.rollups.read(kind, day)]) documents.rollups.set(kind, _id, undefined);
            for (const rollup of rollupsOf(kind, ofDay, calendar)) documents.rollups.set(kind, rollup._id, rollup);
          }
          done += ofDay.length;
        });
        onProgress?.(done);
      }
      return done;
    },
    forget: async (before, signal) => {
      let removed = 0;
      for (const collection of messageCollections) {
        for (;;) {
          const old = first(documents.read(collection, acceptedIn({ fromMs: earliestMs, endMs: before.messages.getTime() }), false), bite);
          if (old.length === 0 || signal.aborted) break;
          await environment.transaction(() => {
            // read again: a document that changed meanwhile has other index entries
            for (const { _id } of old) {
              const document = documents.messages[collection].get(_id);
              if (document) documents.remove(document);
            }
          });
          removed += old.length;
        }
      }
      const oldest = { hourly: before.hourly, hourly_totals: before.hourly, daily: before.daily, daily_totals: before.daily };
      for (const kind of rollupKinds) {
        const old = [...documents.rollups.read(kind, { fromMs: earliestMs, endMs: oldest[kind].getTime() })];
        await environment.transaction(() => {
          for (const { _id } of old) documents.rollups.set(kind, _id, undefined);
        });
        removed += old.length;
      }
      return removed;
    },
    ...createLmdbReader(documents, ownDeadlineMs),
    close: async () => undefined,
  };
};
