import { CarillonError } from "../../../schemas/errors.js";
import {
  type CollectionName,
  type DocumentOf,
  type Filter,
  type LineageReader,
  type MessageDocument,
  type QueryOptions,
  type RollupDocument,
  rollupKinds,
} from "../lineage-store.js";
import { aggregateDocuments, matching, queryDocuments } from "../query/query-documents.js";
import { assertFilter, assertPipeline } from "../query/query-rules.js";
import { sumRollups } from "../query/sum-rollups.js";
import { isMessages, type LmdbDocuments } from "./lmdb-documents.js";
import { type Plan, planOf, rollupSpanOf } from "./plan.js";

type AnyDocument = MessageDocument | RollupDocument;

/** One document counts as at most this share of the deadline, so that a query may continue after a stall of its process. */
const mostOfDeadline = 0.2;

/** Yields documents until the deadline, which is checked for each: a pattern may take milliseconds per document. */
const until = function* <T>(documents: Iterable<T>, deadlineMs: number): Generator<T> {
  let [seen, spentMs, lastMs] = [0, 0, performance.now()];
  for (const document of documents) {
    const nowMs = performance.now();
    seen += 1;
    spentMs += Math.min(nowMs - lastMs, deadlineMs * mostOfDeadline);
    lastMs = nowMs;
    if (spentMs > deadlineMs)
      throw new CarillonError("FILTER_TOO_SLOW", `the query took longer than ${deadlineMs} ms; it read ${seen} documents`, {
        fix: "narrow it by acceptedAt, to, template, reason or status, or query the rollups",
      });
    yield document;
  }
};

/** The read direction that returns documents in sorted order; undefined if they must be sorted afterwards. */
const directionOf = (plan: Plan, sort: QueryOptions["sort"]): 1 | -1 | undefined => {
  const fields = Object.entries(sort ?? {});
  const [first, second, ...more] = fields;
  if (!first) return 1;
  if (plan.kind === "all") return first[0] === "_id" && !second ? first[1] : undefined;
  if (plan.kind !== "index" || plan.index === "open" || first[0] !== "acceptedAt" || more.length > 0) return undefined;
  return !second || (second[0] === "_id" && second[1] === first[1]) ? first[1] : undefined;
};

/** The combined filter of the leading $match stages. */
const leadingMatch = (pipeline: readonly Filter[]): Filter => {
  const end = pipeline.findIndex((stage) => !("$match" in stage));
  const matches = (end === -1 ? pipeline : pipeline.slice(0, end)).map(({ $match }) => $match as Filter);
  return matches.length === 0 ? {} : { $and: matches };
};

/** Answers queries from the embedded store, each within the deadline. */
export const createLmdbReader = (documents: LmdbDocuments, deadlineMs: number): LineageReader => {
  const candidates = (collection: CollectionName, filter: Filter): Iterable<AnyDocument> => {
    const kind = rollupKinds.find((one) => collection === `rollups_${one}`);
    if (kind) return until(documents.rollups.read(kind, rollupSpanOf(filter)), deadlineMs);
    return isMessages(collection) ? until(documents.read(collection, planOf(filter), false), deadlineMs) : [];
  };
  return {
    query: async <Name extends CollectionName>(collection: Name, filter: Filter, options: QueryOptions = {}) => {
      assertFilter(filter);
      if (!isMessages(collection)) return queryDocuments(candidates(collection, filter), filter, options) as DocumentOf<Name>[];
      const [sorted, ...others] = Object.keys(options.sort ?? {});
      const plan = planOf(filter, sorted === "_id" && others.length === 0);
      const direction = directionOf(plan, options.sort);
      const found = until(documents.read(collection, plan, direction === -1), deadlineMs);
      return queryDocuments(found, filter, options, direction !== undefined) as DocumentOf<Name>[];
    },
    count: async (collection, filter) => {
      assertFilter(filter);
      const plan = planOf(filter);
      if (isMessages(collection) && plan.kind === "index" && plan.exact) return documents.countPlaces(collection, plan);
      let count = 0;
      for (const _ of matching(candidates(collection, filter), filter)) count += 1;
      return count;
    },
    aggregate: async (collection, pipeline) => {
      assertPipeline(pipeline);
      return aggregateDocuments(candidates(collection, leadingMatch(pipeline)), pipeline);
    },
    sum: async (collection, filter, options) => {
      assertFilter(filter);
      return sumRollups(candidates(collection, filter) as Iterable<RollupDocument>, filter, options);
    },
  };
};
