import { byMessage, countUp, fold, rollupId } from "./fold.js";
import { collectionOf, type LineageStore, type MessageDocument, type RollupDocument } from "./lineage-store.js";
import { aggregateDocuments, matchDocuments, queryDocuments } from "./query-documents.js";

/** Lineage in memory, for tests and the test driver. */
export const createMemoryLineage = (): LineageStore => {
  const documents = new Map<string, MessageDocument>();
  const rollups = new Map<string, RollupDocument>();
  const ofChannel = (channel: string): MessageDocument[] =>
    [...documents.values()].filter((document) => collectionOf(document.channel) === collectionOf(channel));
  return {
    prepare: async () => undefined,
    append: async (events) => {
      for (const [id, group] of byMessage(events)) {
        const folded = fold(documents.get(id), group);
        if (!folded) continue;
        documents.set(id, folded.document);
        for (const increment of folded.increments) {
          const key = rollupId(increment.rollup);
          rollups.set(key, countUp(rollups.get(key), increment));
        }
      }
    },
    find: async (id) => documents.get(id),
    query: async (channel, filter, options) => queryDocuments(ofChannel(channel), filter, options),
    aggregate: async (channel, pipeline) => aggregateDocuments(ofChannel(channel), pipeline),
    rollups: async (filter) => matchDocuments(rollups.values(), filter),
    close: async () => undefined,
  };
};
