import type { Database, RootDatabase } from "lmdb";
import { type CollectionName, collectionOf, type MessageCollection, type MessageDocument, messageCollections } from "../lineage-store.js";
import { openLmdbPlaces } from "./lmdb-places.js";
import { type LmdbRollups, openLmdbRollups } from "./lmdb-rollups.js";
import type { Plan, PlanOfKind } from "./plan.js";

/** The embedded store's documents and their index entries. */
export interface LmdbDocuments {
  readonly messages: Readonly<Record<MessageCollection, Database<MessageDocument, string>>>;
  readonly rollups: LmdbRollups;
  /** Writes a message and its index entries. Call inside a transaction. */
  put(document: MessageDocument, before: MessageDocument | undefined): void;
  /** Removes a message and its index entries. Call inside a transaction. */
  remove(document: MessageDocument): void;
  /** Reads documents by the plan, newest first if requested. */
  read(collection: MessageCollection, plan: Plan, newestFirst: boolean): Generator<MessageDocument>;
  /** Number of index entries in the plan. */
  countPlaces(collection: MessageCollection, plan: PlanOfKind<"index">): number;
}

/** Range of all ids in the plan. */
const idsIn = ({ afterId, beforeId }: PlanOfKind<"all">, lastFirst: boolean) => {
  const [low, high] = [afterId === undefined ? {} : { start: afterId }, beforeId === undefined ? {} : { end: `${beforeId}\uffff` }];
  return lastFirst
    ? { reverse: true, ...(high.end === undefined ? {} : { start: high.end }), ...(low.start === undefined ? {} : { end: low.start }) }
    : { ...low, ...high };
};

export const openLmdbDocuments = (root: RootDatabase): LmdbDocuments => {
  const messages = Object.fromEntries(
    messageCollections.map((name) => [name, root.openDB<MessageDocument, string>(name, {})]),
  ) as LmdbDocuments["messages"];
  const rollups = openLmdbRollups(root);
  const places = openLmdbPlaces(root);

  const readIndex = function* (collection: MessageCollection, plan: PlanOfKind<"index">, newestFirst: boolean) {
    for (const { id } of places.read(collection, plan, newestFirst)) {
      const document = messages[collection].get(id);
      if (document) yield document;
    }
  };
  const readAll = function* (collection: MessageCollection, plan: PlanOfKind<"all">, lastFirst: boolean) {
    for (const { value } of messages[collection].getRange(idsIn(plan, lastFirst))) yield value;
  };
  const readIds = function* (collection: MessageCollection, { ids }: PlanOfKind<"ids">) {
    for (const id of ids) {
      const document = messages[collection].get(id);
      if (document) yield document;
    }
  };
  return {
    messages,
    rollups,
    put: (document, before) => {
      void messages[collectionOf(document.channel)].put(document._id, document);
      places.put(document, before);
    },
    remove: (document) => {
      void messages[collectionOf(document.channel)].remove(document._id);
      places.remove(document);
    },
    read: (collection, plan, newestFirst) => {
      if (plan.kind === "index") return readIndex(collection, plan, newestFirst);
      return plan.kind === "all" ? readAll(collection, plan, newestFirst) : readIds(collection, plan);
    },
    countPlaces: places.count,
  };
};

export const isMessages = (collection: CollectionName): collection is MessageCollection => collection.startsWith("messages_");
