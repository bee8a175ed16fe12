import type { Database, RootDatabase } from "lmdb";
import {
  type CollectionName,
  collectionOf,
  type MessageCollection,
  type MessageDocument,
  messageCollections,
  type RollupDocument,
  type RollupKind,
  rollupKinds,
} from "../lineage-store.js";
import { rollupPrefix } from "../rollup.js";
import { commonPlaces, mergedPlaces, type Place, type PlaceStream, placesFrom } from "./place-streams.js";
import { type EmbeddedIndex, embeddedIndexes, type Plan, placeIn, type Span } from "./plan.js";

/** End of the year 9999: later dates do not sort as text. */
const lastYearMs = 253_402_300_799_999;

type IndexKey = [part: number, value: string, atMs: number, id: string];

/** The embedded store's documents and their index entries. */
export interface LmdbDocuments {
  readonly messages: Readonly<Record<MessageCollection, Database<MessageDocument, string>>>;
  rollup(kind: RollupKind, id: string): RollupDocument | undefined;
  /** Writes or removes a rollup. Call inside a transaction. */
  setRollup(kind: RollupKind, id: string, rollup: RollupDocument | undefined): void;
  /** Writes a message and its index entries. Call inside a transaction. */
  put(document: MessageDocument, before: MessageDocument | undefined): void;
  /** Removes a message and its index entries. Call inside a transaction. */
  remove(document: MessageDocument): void;
  /** Reads documents by the plan, newest first if requested. */
  read(collection: MessageCollection, plan: Plan, newestFirst: boolean): Generator<MessageDocument>;
  /** Number of index entries in the plan. */
  countPlaces(collection: MessageCollection, plan: Plan & { readonly kind: "index" }): number;
  /** Rollups of a span, in order of time. */
  readRollups(kind: RollupKind, span: Span): Generator<RollupDocument>;
}

const partOf = (collection: MessageCollection, index: EmbeddedIndex): number =>
  messageCollections.indexOf(collection) * 16 + embeddedIndexes.indexOf(index);

/** Stored as JSON, which is read four times as fast as msgpack when every record has its own keys. The time is a number. */
type StoredRollup = Omit<RollupDocument, "from"> & { readonly from: number };
const revived = (stored: StoredRollup): RollupDocument => ({ ...stored, from: new Date(stored.from) });

export const openLmdbDocuments = (root: RootDatabase): LmdbDocuments => {
  const messages = Object.fromEntries(
    messageCollections.map((name) => [name, root.openDB<MessageDocument, string>(name, {})]),
  ) as LmdbDocuments["messages"];
  const rollups = Object.fromEntries(
    rollupKinds.map((kind) => [kind, root.openDB<StoredRollup, string>(`rollups_${kind}`, { encoding: "json" })]),
  ) as Record<RollupKind, Database<StoredRollup, string>>;
  const places: Database<number, IndexKey> = root.openDB("messages_index", {});

  const keysOf = (document: MessageDocument): (IndexKey | undefined)[] =>
    embeddedIndexes.map((index) => {
      const place = placeIn(index, document);
      return place && [partOf(collectionOf(document.channel), index), place.value, place.atMs, document._id];
    });
  const isSame = (one: IndexKey | undefined, other: IndexKey | undefined): boolean =>
    one === other || (one !== undefined && other !== undefined && one[1] === other[1] && one[2] === other[2]);
  const rangeOf = (part: number, value: string, { fromMs, endMs }: Span, newestFirst: boolean, from?: Place) => {
    const [low, high] = [
      [part, value, fromMs],
      [part, value, endMs],
    ] as unknown as [IndexKey, IndexKey];
    const start: IndexKey | undefined = from && [part, value, from.atMs, from.id];
    return newestFirst ? { start: start ?? high, end: low, reverse: true } : { start: start ?? low, end: high };
  };
  const streamOf = (
    collection: MessageCollection,
    index: EmbeddedIndex,
    values: readonly string[],
    span: Span,
    newestFirst: boolean,
  ): PlaceStream => {
    const part = partOf(collection, index);
    return mergedPlaces(
      values.map((value) => placesFrom(newestFirst, (from) => places.getKeys(rangeOf(part, value, span, newestFirst, from)))),
      newestFirst,
    );
  };
  const readIndex = function* (
    collection: MessageCollection,
    { index, values, also, span }: Plan & { kind: "index" },
    newestFirst: boolean,
  ) {
    const first = streamOf(collection, index, values, span, newestFirst);
    const others = also.map((other) => streamOf(collection, other.index, other.values, span, newestFirst));
    try {
      for (const { id } of commonPlaces([first, ...others], newestFirst)) {
        const document = messages[collection].get(id);
        if (document) yield document;
      }
    } finally {
      for (const stream of [first, ...others]) stream.end();
    }
  };
  const readAll = function* (collection: MessageCollection, { afterId, beforeId }: Plan & { kind: "all" }, lastFirst: boolean) {
    const [low, high] = [afterId === undefined ? {} : { start: afterId }, beforeId === undefined ? {} : { end: `${beforeId}\uffff` }];
    const range = lastFirst
      ? { reverse: true, ...(high.end === undefined ? {} : { start: high.end }), ...(low.start === undefined ? {} : { end: low.start }) }
      : { ...low, ...high };
    for (const { value } of messages[collection].getRange(range)) yield value;
  };
  return {
    messages,
    rollup: (kind, id) => {
      const stored = rollups[kind].get(id);
      return stored && revived(stored);
    },
    setRollup: (kind, id, rollup) => {
      if (rollup) void rollups[kind].put(id, { ...rollup, from: rollup.from.getTime() });
      else void rollups[kind].remove(id);
    },
    put: (document, before) => {
      void messages[collectionOf(document.channel)].put(document._id, document);
      const [old, now] = [before ? keysOf(before) : [], keysOf(document)];
      now.forEach((key, position) => {
        const former = old[position];
        if (isSame(former, key)) return;
        if (former) void places.remove(former);
        if (key) void places.put(key, 0);
      });
    },
    remove: (document) => {
      void messages[collectionOf(document.channel)].remove(document._id);
      for (const key of keysOf(document)) if (key) void places.remove(key);
    },
    read: function* (collection, plan, newestFirst) {
      if (plan.kind === "index") yield* readIndex(collection, plan, newestFirst);
      else if (plan.kind === "all") yield* readAll(collection, plan, newestFirst);
      else
        for (const id of plan.ids) {
          const document = messages[collection].get(id);
          if (document) yield document;
        }
    },
    countPlaces: (collection, { index, values, span }) =>
      values.reduce((sum, value) => sum + places.getKeysCount(rangeOf(partOf(collection, index), value, span, false)), 0),
    readRollups: function* (kind, { fromMs, endMs }) {
      const at = (ms: number): string => rollupPrefix(new Date(Math.min(Math.max(ms, 0), lastYearMs)));
      for (const { value } of rollups[kind].getRange({ start: at(fromMs), end: `${at(endMs)}~` }))
        if (value.from >= fromMs && value.from < endMs) yield revived(value);
    },
  };
};

export const isMessages = (collection: CollectionName): collection is MessageCollection => collection.startsWith("messages_");
