import { Aggregator, Query } from "mingo";
import type { Filter, MessageDocument, QueryOptions } from "./lineage-store.js";
import { assertSafe } from "./safe-filter.js";

const engine = { scriptEnabled: false };
export const defaultLimit = 100;

/** Answers a MongoDB filter over documents in this process. */
export const queryDocuments = (documents: Iterable<MessageDocument>, filter: Filter, options: QueryOptions = {}): MessageDocument[] => {
  assertSafe(filter);
  let cursor = new Query(filter as never, engine).find<MessageDocument>(documents as never);
  if (options.sort) cursor = cursor.sort({ ...options.sort });
  if (options.skip) cursor = cursor.skip(options.skip);
  return cursor.limit(options.limit ?? defaultLimit).all();
};

export const matchDocuments = <T>(documents: Iterable<T>, filter: Filter): T[] => {
  assertSafe(filter);
  return new Query(filter as never, engine).find<T>(documents as never).all();
};

/** Runs an aggregation pipeline over documents in this process. */
export const aggregateDocuments = (documents: Iterable<MessageDocument>, pipeline: readonly Filter[]): Record<string, unknown>[] => {
  assertSafe(pipeline);
  return new Aggregator(pipeline as never, engine).run(documents as never);
};
