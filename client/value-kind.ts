/** A value's type in terms of JSON. */
export const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return "text";
  return typeof value === "boolean" ? String(value) : `a ${typeof value}`;
};

/** The value at a path in an input; undefined if there is none. */
export const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown => {
  let value = input;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[name];
  }
  return value;
};

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Describes a value of the wrong type. `expected` is the library's name for the type. */
export const wrongKind = (value: unknown, expected: string): string => {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return "is infinite";
  if (Number.isNaN(value)) return "is not a number";
  return `is ${kindOf(value)}, not ${kinds[expected] ?? expected}`;
};
