import { BSONRegExp } from "mongodb";

/** Converts the patterns of a filter or pipeline to BSON, because the driver drops a RegExp's option s. */
export const withBsonPatterns = <T>(value: T): T => {
  if (value instanceof RegExp) return new BSONRegExp(value.source, value.flags) as T;
  if (Array.isArray(value)) return value.map(withBsonPatterns) as T;
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBsonPatterns(inner)])) as T;
};
