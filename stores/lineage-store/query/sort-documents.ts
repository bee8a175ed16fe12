import { compareValues } from "./compare-values.js";
import { missing, someElement } from "./elements.js";

export type Order = Readonly<Record<string, 1 | -1>>;

/** Orders values of all types; a missing value precedes null. Source: MongoDB manual, Comparison/Sort Order. */
export const compareAny = (one: unknown, other: unknown): number =>
  one === undefined || other === undefined ? Number(one !== undefined) - Number(other !== undefined) : compareValues(one, other);

/** The sort key of a document. For an array: its least or greatest item, or a value before null if it is empty. */
const keyOf = (document: unknown, path: readonly string[], direction: 1 | -1): unknown => {
  const found: unknown[] = [];
  someElement(document, path, (element) => {
    if (!Array.isArray(element)) found.push(element === missing ? null : element);
    else found.push(...(element.length === 0 ? [undefined] : element));
    return false;
  });
  // a path through an empty array finds nothing
  return found.length === 0 ? null : found.reduce((best, value) => (compareAny(value, best) * direction < 0 ? value : best));
};

/** The documents in order. The sort is stable. */
export const sorted = <T>(documents: readonly T[], order: Order): T[] => {
  const by = Object.entries(order).map(([field, direction]) => ({ path: field.split("."), direction }));
  const keyed = documents.map((document) => ({ document, keys: by.map(({ path, direction }) => keyOf(document, path, direction)) }));
  keyed.sort((one, other) => {
    for (const [index, { direction }] of by.entries()) {
      const difference = compareAny(one.keys[index], other.keys[index]) * direction;
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return keyed.map(({ document }) => document);
};
