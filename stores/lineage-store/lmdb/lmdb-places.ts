import type { Database, RootDatabase } from "lmdb";
import { collectionOf, type MessageCollection, type MessageDocument, messageCollections } from "../lineage-store.js";
import { commonPlaces, mergedPlaces, type Place, type PlaceStream, placesFrom } from "./place-streams.js";
import { type EmbeddedIndex, embeddedIndexes, indexNumbers, type PlanOfKind, placeIn, type Span } from "./plan.js";

type IndexKey = [part: number, value: string, atMs: number, id: string];

/** The embedded store's index entries of messages. */
export interface LmdbPlaces {
  /** Replaces the entries of the document as it was before. Call inside a transaction. */
  put(document: MessageDocument, before: MessageDocument | undefined): void;
  /** Removes the entries of a document. Call inside a transaction. */
  remove(document: MessageDocument): void;
  /** The entries that all indexes of the plan contain, newest first if requested. */
  read(collection: MessageCollection, plan: PlanOfKind<"index">, newestFirst: boolean): Generator<Place>;
  /** Number of entries in the plan's first index. */
  count(collection: MessageCollection, plan: PlanOfKind<"index">): number;
}

const partOf = (collection: MessageCollection, index: EmbeddedIndex): number =>
  messageCollections.indexOf(collection) * 16 + indexNumbers[index];

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

export const openLmdbPlaces = (root: RootDatabase): LmdbPlaces => {
  const places: Database<number, IndexKey> = root.openDB("messages_index", {});

  const streamOf = (part: number, values: readonly string[], span: Span, newestFirst: boolean): PlaceStream =>
    mergedPlaces(
      values.map((value) => placesFrom(newestFirst, (from) => places.getKeys(rangeOf(part, value, span, newestFirst, from)))),
      newestFirst,
    );
  return {
    put: (document, before) => {
      const [old, now] = [before ? keysOf(before) : [], keysOf(document)];
      now.forEach((key, position) => {
        const former = old[position];
        if (isSame(former, key)) return;
        if (former) void places.remove(former);
        if (key) void places.put(key, 0);
      });
    },
    remove: (document) => {
      for (const key of keysOf(document)) if (key) void places.remove(key);
    },
    read: function* (collection, { index, values, also, span }, newestFirst) {
      const streams = [{ index, values }, ...also].map((one) => streamOf(partOf(collection, one.index), one.values, span, newestFirst));
      try {
        yield* commonPlaces(streams, newestFirst);
      } finally {
        for (const stream of streams) stream.end();
      }
    },
    count: (collection, { index, values, span }) =>
      values.reduce((sum, value) => sum + places.getKeysCount(rangeOf(partOf(collection, index), value, span, false)), 0),
  };
};
