import { Aggregator } from "mingo/aggregator";
import { Query } from "mingo/query";
import { CarillonError } from "../../../schemas/errors.js";
import type { Filter, QueryOptions } from "../lineage-store.js";
import { mongoContext } from "./match-operators.js";
import { sorted } from "./sort-documents.js";

const engine = { scriptEnabled: false, context: mongoContext };
export const defaultLimit = 100;
/** More documents than this are not sorted: the query is refused as too broad. */
export const mostSorted = 100_000;

/** The documents that match. */
export const matching = function* <T>(documents: Iterable<T>, filter: Filter): Generator<T> {
  const query = new Query(filter as never, engine);
  for (const document of documents) if (query.test(document as never)) yield document;
};

const taken = function* <T>(documents: Iterable<T>, skip: number, limit: number): Generator<T> {
  let passed = 0;
  for (const document of documents) {
    passed += 1;
    if (passed > skip) yield document;
    if (passed >= skip + limit) return;
  }
};

const sortable = <T>(documents: Iterable<T>): T[] => {
  const all: T[] = [];
  for (const document of documents) {
    all.push(document);
    if (all.length > mostSorted)
      throw new CarillonError("FILTER_TOO_SLOW", `more than ${mostSorted} documents would have to be sorted`, {
        fix: "narrow the filter, or sort by acceptedAt",
      });
  }
  return all;
};

/** Evaluates a MongoDB filter over documents in this process. `inOrder`: the documents are already in the requested order. */
export const queryDocuments = <T>(documents: Iterable<T>, filter: Filter, options: QueryOptions = {}, inOrder = false): T[] => {
  const { sort, skip = 0, limit = defaultLimit, keys } = options;
  const found = matching(documents, filter);
  const some = inOrder || !sort ? [...taken(found, skip, limit)] : sorted(sortable(found), sort).slice(skip, skip + limit);
  return keys ? new Query({}, engine).find<T>(some as never, keys as never).all() : some;
};

/** Runs an aggregation pipeline over documents in this process. */
export const aggregateDocuments = (documents: Iterable<unknown>, pipeline: readonly Filter[]): Record<string, unknown>[] =>
  new Aggregator(pipeline as never, engine).run(documents as never);
