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
import { changeRollup, changesOf, gather, type RollupChange } from "../rollup.js";
import { openLmdbDocuments } from "./lmdb-documents.js";
import { forgetInLmdb } from "./lmdb-forget.js";
import { createLmdbReader } from "./lmdb-reader.js";
import { recountInLmdb } from "./lmdb-recount.js";

/** Deadline of Carillon's own queries: they use an index, so they never delay delivery for as long. */
const ownDeadlineMs = 10_000;

/** Lineage of the embedded profile: documents and their indexes in LMDB, MongoDB's query language with mingo. */
export const createLmdbLineage = (environment: LmdbEnvironment, calendar: Calendar = utc): LineageStore => {
  const documents = openLmdbDocuments(environment.root);
  const { messages, rollups } = documents;
  const count = (kind: RollupKind, changes: readonly RollupChange[]): void => {
    for (const { identity, by } of changes) rollups.set(kind, identity._id, changeRollup(rollups.get(kind, identity._id), identity, by));
  };
  /** Call inside a transaction. Throws before writing anything if an event cannot be stored or counted. */
  const write = (events: readonly PositionedEvent[]): void => {
    const folded = [...byMessage(events)].flatMap(([id, group]) => {
      const stored = messages[collectionOf(group[0]?.event.channel ?? "other")].get(id);
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
        const found = messages[collection].get(id);
        if (found) return found;
      }
      return undefined;
    },
    replace: async (changed) => {
      const replaced = await environment.transaction(() =>
        changed.filter((document) => {
          const stored = messages[collectionOf(document.channel)].get(document._id);
          if (stored?.version !== document.version) return false;
          documents.put({ ...document, version: document.version + 1 }, stored);
          return true;
        }),
      );
      return replaced.length;
    },
    recount: (onProgress) => recountInLmdb(environment, documents, calendar, onProgress),
    forget: (before, signal) => forgetInLmdb(environment, documents, before, signal),
    ...createLmdbReader(documents, ownDeadlineMs),
    close: async () => undefined,
  };
};
