import fc from "fast-check";
import { expect, it } from "vitest";
import { commonPlaces, mergedPlaces, type Place, placesFrom } from "../../stores/lineage-store/lmdb/place-streams.js";
import { parameters } from "../properties/property.js";

const order = (newestFirst: boolean) => (one: Place, other: Place) =>
  (newestFirst ? -1 : 1) * (one.atMs - other.atMs || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0));

/** The places of one index value, as LMDB reads them: starting at a place, inclusive. */
const streamOf = (places: readonly Place[], newestFirst: boolean) => {
  const sorted = [...places].sort(order(newestFirst));
  return placesFrom(newestFirst, (from) =>
    sorted.filter((place) => !from || order(newestFirst)(place, from) >= 0).map(({ atMs, id }) => [0, "", atMs, id] as const),
  );
};

const everyPlace: readonly Place[] = Array.from({ length: 120 }, (_, index) => ({ atMs: Math.floor(index / 3), id: `m-${index}` }));
const some = fc.subarray([...everyPlace]);

it("finds exactly what stands in all indexes, in order, whichever way they are read", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(some, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (indexes, newestFirst) => {
        const streams = indexes.map((values) => {
          // a document has one value in an index, so the places of several values are disjoint
          const taken = new Set<string>();
          const own = values.map((places) => places.filter(({ id }) => !taken.has(id) && taken.add(id)));
          return {
            places: own.flat(),
            stream: mergedPlaces(
              own.map((places) => streamOf(places, newestFirst)),
              newestFirst,
            ),
          };
        });
        const [first, ...others] = streams.map(({ places }) => places);
        const wanted = (first ?? [])
          .filter(({ id }) => others.every((places) => places.some((place) => place.id === id)))
          .sort(order(newestFirst));
        const found = [
          ...commonPlaces(
            streams.map(({ stream }) => stream),
            newestFirst,
          ),
        ];
        expect(found).toEqual(wanted);
      },
    ),
    parameters,
  );
});
