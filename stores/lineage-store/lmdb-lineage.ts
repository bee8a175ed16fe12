import type { LmdbEnvironment } from "../lmdb-environment.js";
import { type Calendar, utc } from "./calendar.js";
import { byMessage, fold } from "./fold.js";
import {
  collectionOf,
  type LineageStore,
  messageCollections,
  type PositionedEvent,
  type RollupKind,
  rollupKinds,
} from "./lineage-store.js";
import { openLmdbDocuments } from "./lmdb-documents.js";
import { createLmdbReader } from "./lmdb-reader.js";
import { changeRollup, changesOf, type RollupChange } from "./rollup.js";

/** Questions of Carillon itself: they go by an index, so that they never hold delivery up for as long. */
const ownDeadlineMs = 10_000;

/** Lineage of the embedded profile: documents and their indexes in LMDB, MongoDB's query language by mingo. */
export const createLmdbLineage = (environment: LmdbEnvironment, calendar: Calendar = utc): LineageStore => {
  const { root } = environment;
  const documents = openLmdbDocuments(root);
  const count = (kind: RollupKind, changes: readonly RollupChange[]): void => {
    const rollups = documents.rollups[kind];
    for (const { identity, by } of changes) {
      const changed = changeRollup(rollups.get(identity._id), identity, by);
      if (changed) void rollups.put(identity._id, changed);
      else void rollups.remove(identity._id);
    }
  };
  /** Inside a transaction. What cannot be kept or counted throws before anything is written. */
  const write = (events: readonly PositionedEvent[]): void => {
    const folded = [...byMessage(events)].flatMap(([id, group]) => {
      const stored = documents.messages[collectionOf(group[0]?.event.channel ?? "other")].get(id);
      const made = fold(stored, group);
      return made ? [{ stored, ...made }] : [];
    });
    const increments = folded.flatMap((one) => one.increments);
    const changes = rollupKinds.map((kind) => [kind, changesOf(kind, increments, calendar)] as const);
    for (const { document, stored } of folded) documents.put(document, stored);
    for (const [kind, own] of changes) count(kind, own);
  };
  return {
    prepare: async () => undefined,
    append: async (events) => {
      // documents, their places and counts change in one transaction, so that all are exact whatever happens
      await root.transaction(() => write(events));
      await environment.synced();
    },
    find: async (id) => {
      for (const collection of messageCollections) {
        const found = documents.messages[collection].get(id);
        if (found) return found;
      }
      return undefined;
    },
    ...createLmdbReader(documents, ownDeadlineMs),
    close: async () => undefined,
  };
};
