import { missing } from "./elements.js";

/** Types in MongoDB's comparison order. In a filter, values of different types are neither less nor greater. */
const typeNames = ["null", "number", "string", "object", "array", "bool", "date"] as const;
export type ValueType = (typeof typeNames)[number];

export const typeOf = (value: unknown): ValueType => {
  if (value === null || value === undefined || value === missing) return "null";
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (value instanceof Date) return "date";
  return Array.isArray(value) ? "array" : "object";
};

/** Compares UTF-8 bytes, as MongoDB orders strings without a collation. */
const compareStrings = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

const compareLists = (one: readonly unknown[], other: readonly unknown[]): number => {
  for (let index = 0; index < Math.min(one.length, other.length); index += 1) {
    const order = compareValues(one[index], other[index]);
    if (order !== 0) return order;
  }
  return one.length - other.length;
};

/** The order of fields matters. */
const compareObjects = (one: object, other: object): number => {
  const [mine, its] = [Object.entries(one), Object.entries(other)];
  for (let index = 0; index < Math.min(mine.length, its.length); index += 1) {
    const [[name, value], [otherName, otherValue]] = [mine[index] ?? ["", null], its[index] ?? ["", null]];
    const order = compareValues(typeOf(value), typeOf(otherValue)) || compareStrings(name, otherName) || compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return mine.length - its.length;
};

const compareSame: Readonly<Record<ValueType, (one: never, other: never) => number>> = {
  null: () => 0,
  number: (one: number, other: number) => one - other,
  string: compareStrings,
  object: compareObjects,
  array: compareLists,
  bool: (one: boolean, other: boolean) => Number(one) - Number(other),
  date: (one: Date, other: Date) => one.getTime() - other.getTime(),
};

/** Below zero, zero or above zero. Source: MongoDB manual, Comparison/Sort Order. */
export const compareValues = (one: unknown, other: unknown): number => {
  const [mine, its] = [typeOf(one), typeOf(other)];
  return mine === its ? compareSame[mine](one as never, other as never) : typeNames.indexOf(mine) - typeNames.indexOf(its);
};

const mostInt = 2_147_483_647;

const isInt = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) <= mostInt;

/** Names and numbers that $type accepts, for the types in Carillon's documents. The driver stores other numbers as doubles. */
export const typeTests: Readonly<Record<string, (value: unknown) => boolean>> = {
  double: (value) => typeOf(value) === "number" && !isInt(value),
  string: (value) => typeOf(value) === "string",
  object: (value) => typeOf(value) === "object",
  array: (value) => typeOf(value) === "array",
  bool: (value) => typeOf(value) === "bool",
  date: (value) => typeOf(value) === "date",
  null: (value) => value === null,
  int: isInt,
  number: (value) => typeOf(value) === "number",
};

const never = (): boolean => false;

/** MongoDB types that no Carillon document contains. */
const otherTypes = "binData undefined objectId regex dbPointer javascript symbol javascriptWithScope timestamp long decimal minKey maxKey";

const typeNumbers: Readonly<Record<string, string>> = {
  1: "double",
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  6: "undefined",
  7: "objectId",
  8: "bool",
  9: "date",
  10: "null",
  11: "regex",
  12: "dbPointer",
  13: "javascript",
  14: "symbol",
  15: "javascriptWithScope",
  16: "int",
  17: "timestamp",
  18: "long",
  19: "decimal",
  "-1": "minKey",
  127: "maxKey",
};

/** The test for a name or number of $type; undefined if MongoDB has no such type. */
export const typeTestOf = (type: unknown): ((value: unknown) => boolean) | undefined => {
  const name = typeof type === "number" ? typeNumbers[String(type)] : type;
  if (typeof name !== "string") return undefined;
  if (Object.hasOwn(typeTests, name)) return typeTests[name];
  return otherTypes.split(" ").includes(name) ? never : undefined;
};
