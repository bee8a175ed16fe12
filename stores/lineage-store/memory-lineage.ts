import { type Calendar, utc } from "./calendar.js";
import { byMessage, fold } from "./fold.js";
import {
  type CollectionName,
  collectionOf,
  type DocumentOf,
  type Filter,
  type LineageStore,
  type MessageDocument,
  type QueryOptions,
  type RollupDocument,
  type RollupKind,
  rollupKinds,
} from "./lineage-store.js";
import { aggregateDocuments, matching, queryDocuments } from "./query/query-documents.js";
import { assertFilter, assertPipeline } from "./query/query-rules.js";
import { sumRollups } from "./query/sum-rollups.js";
import { changeRollup, changesOf, type RollupChange, rollupsOf } from "./rollup.js";

/** Lineage in memory, for tests and the test driver. */
export const createMemoryLineage = (calendar: Calendar = utc): LineageStore => {
  const messages = new Map<string, MessageDocument>();
  const rollups: Readonly<Record<RollupKind, Map<string, RollupDocument>>> = {
    hourly: new Map(),
    daily: new Map(),
    hourly_totals: new Map(),
    daily_totals: new Map(),
  };
  const documentsOf = (collection: CollectionName): Iterable<MessageDocument | RollupDocument> => {
    const kind = rollupKinds.find((one) => collection === `rollups_${one}`);
    if (kind) return rollups[kind].values();
    return [...messages.values()].filter(({ channel }) => collectionOf(channel) === collection);
  };
  const count = (kind: RollupKind, changes: readonly RollupChange[]): void => {
    for (const { identity, by } of changes) {
      const changed = changeRollup(rollups[kind].get(identity._id), identity, by);
      if (changed) rollups[kind].set(identity._id, changed);
      else rollups[kind].delete(identity._id);
    }
  };
  const append: LineageStore["append"] = async (events) => {
    for (const [id, group] of byMessage(events)) {
      const folded = fold(messages.get(id), group);
      if (!folded) continue;
      // throws before anything is written if a change cannot be counted
      const changes = rollupKinds.map((kind) => [kind, changesOf(kind, folded.increments, calendar)] as const);
      messages.set(id, folded.document);
      for (const [kind, own] of changes) count(kind, own);
    }
  };
  return {
    prepare: async () => undefined,
    append,
    find: async (id) => messages.get(id),
    replace: async (documents) => {
      const current = documents.filter(({ _id, version }) => messages.get(_id)?.version === version);
      for (const document of current) messages.set(document._id, { ...document, version: document.version + 1 });
      return current.length;
    },
    query: async <Name extends CollectionName>(collection: Name, filter: Filter, options?: QueryOptions) => {
      assertFilter(filter);
      return queryDocuments(documentsOf(collection), filter, options) as DocumentOf<Name>[];
    },
    count: async (collection, filter) => {
      assertFilter(filter);
      return [...matching(documentsOf(collection), filter)].length;
    },
    aggregate: async (collection, pipeline) => {
      assertPipeline(pipeline);
      return aggregateDocuments(documentsOf(collection), pipeline);
    },
    sum: async (collection, filter, options) => {
      assertFilter(filter);
      return sumRollups(documentsOf(collection) as Iterable<RollupDocument>, filter, options);
    },
    recount: async (onProgress) => {
      for (const kind of rollupKinds) {
        rollups[kind].clear();
        for (const rollup of rollupsOf(kind, messages.values(), calendar)) rollups[kind].set(rollup._id, rollup);
      }
      onProgress?.(messages.size);
      return messages.size;
    },
    close: async () => undefined,
  };
};
