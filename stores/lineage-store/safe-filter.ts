import { CarillonError } from "../../schemas/errors.js";

/** Operators that run code, write, or read other collections: never from outside, nor by mistake from inside. */
const refused = new Set(["$where", "$function", "$accumulator", "$out", "$merge", "$lookup", "$graphLookup", "$unionWith"]);
const maxDepth = 20;

/** Throws FILTER_REFUSED when a filter or pipeline holds an operator that is not allowed, or is nested too deep. */
export const assertSafe = (value: unknown, depth = 0): void => {
  if (depth > maxDepth) throw new CarillonError("FILTER_REFUSED", `the filter is nested deeper than ${maxDepth}`);
  if (Array.isArray(value)) {
    for (const item of value) assertSafe(item, depth + 1);
    return;
  }
  if (value === null || typeof value !== "object" || value instanceof Date || value instanceof RegExp) return;
  for (const [key, inner] of Object.entries(value)) {
    if (refused.has(key)) throw new CarillonError("FILTER_REFUSED", `the operator ${key} is not allowed`);
    assertSafe(inner, depth + 1);
  }
};
