import type { Database } from "lmdb";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { byMessage, countUp, fold, rollupId } from "./fold.js";
import { channelCollections, collectionOf, type LineageStore, type MessageDocument, type RollupDocument } from "./lineage-store.js";
import { aggregateDocuments, matchDocuments, queryDocuments } from "./query-documents.js";

/** Lineage of the embedded profile: documents in LMDB, MongoDB's query language by mingo. */
export const createLmdbLineage = (environment: LmdbEnvironment): LineageStore => {
  const { root } = environment;
  const collections = new Map<string, Database<MessageDocument, string>>(
    channelCollections.map((channel) => [channel, root.openDB(`messages_${channel}`, {})]),
  );
  const rollups: Database<RollupDocument, string> = root.openDB("rollups_daily", {});
  const collection = (channel: string): Database<MessageDocument, string> => {
    const found = collections.get(collectionOf(channel));
    if (!found) throw new Error(`no collection for ${channel}`);
    return found;
  };
  const scan = function* (channel: string): Generator<MessageDocument> {
    for (const { value } of collection(channel).getRange({})) yield value;
  };
  return {
    prepare: async () => undefined,
    append: async (events) => {
      // documents and counts change in one transaction, so that counts are exact whatever happens
      await root.transaction(() => {
        for (const [id, group] of byMessage(events)) {
          const documents = collection(group[0]?.event.channel ?? "other");
          const folded = fold(documents.get(id), group);
          if (!folded) continue;
          void documents.put(id, folded.document);
          for (const increment of folded.increments) {
            const key = rollupId(increment.rollup);
            void rollups.put(key, countUp(rollups.get(key), increment));
          }
        }
      });
      await environment.synced();
    },
    find: async (id) => {
      for (const documents of collections.values()) {
        const found = documents.get(id);
        if (found) return found;
      }
      return undefined;
    },
    query: async (channel, filter, options) => queryDocuments(scan(channel), filter, options),
    aggregate: async (channel, pipeline) => aggregateDocuments(scan(channel), pipeline),
    rollups: async (filter) =>
      matchDocuments(
        [...rollups.getRange({})].map(({ value }) => value),
        filter,
      ),
    close: async () => undefined,
  };
};
