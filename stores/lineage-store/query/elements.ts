/** A field that a document does not have. */
export const missing = Symbol("missing");

/** A value that a path leads to, or `missing`. */
export type Element = unknown;

type Test = (element: Element) => boolean;

/** One item of an array in place of a document, for conditions on the item itself: any path leads to it, and never into it. */
export class SingleItem {
  constructor(readonly item: unknown) {}
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

/** An object without a field that is named like a position is not asked for that field. */
const mayHave = (item: unknown, part: string): boolean => isObject(item) && (!isIndex(part) || Object.hasOwn(item, part));

/** From within an array, a path leads to the fields of its objects, and to one item where it gives a position. */
const someWithin = (items: readonly unknown[], path: readonly string[], depth: number, test: Test): boolean => {
  const part = path[depth] ?? "";
  for (const item of items) if (mayHave(item, part) && someAt(item, path, depth, test)) return true;
  if (!isIndex(part) || Number(part) >= items.length) return false;
  const item = items[Number(part)];
  if (depth + 1 === path.length) return test(item);
  return (isObject(item) || Array.isArray(item)) && someAt(item, path, depth + 1, test);
};

const someAt = (value: unknown, path: readonly string[], depth: number, test: Test): boolean => {
  if (depth === path.length) return test(value);
  if (Array.isArray(value)) return someWithin(value, path, depth, test);
  if (!isObject(value)) return test(missing);
  const name = path[depth] ?? "";
  const field = Object.hasOwn(value, name) ? value[name] : undefined;
  return field === undefined ? test(missing) : someAt(field, path, depth + 1, test);
};

/**
 * Whether one of the elements passes that a dotted path leads to, as MongoDB follows it through arrays. An array at its end is one element.
 * Source: MongoDB manual, "Query an Array of Embedded Documents".
 */
export const someElement = (document: unknown, path: readonly string[], test: Test): boolean =>
  document instanceof SingleItem ? test(document.item) : someAt(document, path, 0, test);

/** The same, where of an array at the end of the path each item is an element too. */
export const someElementOrItem = (document: unknown, path: readonly string[], test: Test): boolean =>
  document instanceof SingleItem
    ? test(document.item)
    : someAt(document, path, 0, (element) => (Array.isArray(element) && element.some(test)) || test(element));
