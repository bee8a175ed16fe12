/** Stands for a field that the document lacks. */
export const missing = Symbol("missing");

/** A value at the end of a path, or `missing`. */
export type Element = unknown;

/** `byPosition`: the path ends in the element's position within an array. */
type Test = (element: Element, byPosition: boolean) => boolean;

/** Wraps one item of an array as a document, for conditions on the item itself: any path leads to the item, never into it. */
export class SingleItem {
  constructor(readonly item: unknown) {}
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

/** Inside an array, a path leads to the fields of its objects, or to a single item if it gives a position. */
const someWithin = (items: readonly unknown[], path: readonly string[], depth: number, test: Test): boolean => {
  const part = path[depth] ?? "";
  for (const item of items) if (isObject(item) && someAt(item, path, depth, test)) return true;
  if (!isIndex(part) || Number(part) >= items.length) return false;
  const item = items[Number(part)];
  if (depth + 1 === path.length) return test(item, true);
  return (isObject(item) || Array.isArray(item)) && someAt(item, path, depth + 1, test);
};

const someAt = (value: unknown, path: readonly string[], depth: number, test: Test): boolean => {
  if (depth === path.length) return test(value, false);
  if (Array.isArray(value)) return someWithin(value, path, depth, test);
  if (!isObject(value)) return test(missing, false);
  const name = path[depth] ?? "";
  const field = Object.hasOwn(value, name) ? value[name] : undefined;
  return field === undefined ? test(missing, false) : someAt(field, path, depth + 1, test);
};

/**
 * Whether any element at the end of a dotted path passes. Follows paths through arrays as MongoDB does. An array at the end counts as one
 * element.
 * Source: MongoDB manual, "Query an Array of Embedded Documents".
 */
export const someElement = (document: unknown, path: readonly string[], test: (element: Element) => boolean): boolean =>
  document instanceof SingleItem ? test(document.item) : someAt(document, path, 0, test);

/** The same, but each item of an array at the end of the path is an element too, unless the path names it by position. */
export const someElementOrItem = (document: unknown, path: readonly string[], test: (element: Element) => boolean): boolean =>
  document instanceof SingleItem
    ? test(document.item)
    : someAt(
        document,
        path,
        0,
        (element, byPosition) => (!byPosition && Array.isArray(element) && element.some((item) => test(item))) || test(element),
      );
