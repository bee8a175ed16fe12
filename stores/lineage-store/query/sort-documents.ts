import { compareValues } from "./compare-values.js";
import { missing, someElement } from "./elements.js";

export type Order = Readonly<Record<string, 1 | -1>>;

/** Values of all types have an order, and what is not there comes before null. Source: MongoDB manual, Comparison/Sort Order. */
export const compareAny = (one: unknown, other: unknown): number =>
  one === undefined || other === undefined ? Number(one !== undefined) - Number(other !== undefined) : compareValues(one, other);

/** What a document is put in order by: of an array its least or its greatest item, before null where it has none. */
const keyOf = (document: unknown, path: readonly string[], direction: 1 | -1): unknown => {
  const found: unknown[] = [];
  someElement(document, path, (element) => {
    if (!Array.isArray(element)) found.push(element === missing ? null : element);
    else found.push(...(element.length === 0 ? [undefined] : element));
    return false;
  });
  // a path that leads through an empty array finds nothing there
  return found.length === 0 ? null : found.reduce((best, value) => (compareAny(value, best) * direction < 0 ? value : best));
};

/** The documents in order; equal ones keep theirs. */
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
