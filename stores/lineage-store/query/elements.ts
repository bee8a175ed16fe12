/** A field that a document does not have. */
export const missing = Symbol("missing");

/** A value that a path leads to, or `missing`. */
export type Element = unknown;

/** `byPosition`: the path ends in the element's position within an array. */
type Test = (element: Element, byPosition: boolean) => boolean;

/** One item of an array in place of a document, for conditions on the item itself: any path leads to it, and never into it. */
export class SingleItem {
  constructor(readonly item: unknown) {}
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

/** From within an array, a path leads to the fields of its objects, and to one item where it gives a position. */
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
 * Whether one of the elements passes that a dotted path leads to, as MongoDB follows it through arrays. An array at its end is one element.
 * Source: MongoDB manual, "Query an Array of Embedded Documents".
 */
export const someElement = (document: unknown, path: readonly string[], test: (element: Element) => boolean): boolean =>
  document instanceof SingleItem ? test(document.item) : someAt(document, path, 0, test);

/** The same, where of an array at the end of the path each item is an element too, unless the path names it by its position. */
export const someElementOrItem = (document: unknown, path: readonly string[], test: (element: Element) => boolean): boolean =>
  document instanceof SingleItem
    ? test(document.item)
    : someAt(
        document,
        path,
        0,
        (element, byPosition) => (!byPosition && Array.isArray(element) && element.some((item) => test(item))) || test(element),
      );
