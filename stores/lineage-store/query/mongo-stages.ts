import { type Iterator as Documents, Lazy } from "mingo/lazy";
import * as accumulator from "mingo/operators/accumulator";
import * as pipeline from "mingo/operators/pipeline";
import type { Options } from "mingo/types";
import { type Order, sorted } from "./sort-documents.js";

/** What a stage of mingo is. */
type Stage = (documents: Documents, argument: never, options: Options) => Documents;

/** Nothing for no documents, where mingo gives a count of 0. */
const count = (documents: Documents, name: string, options: Options): Documents =>
  pipeline.$count(documents, name as never, options).filter((one: Readonly<Record<string, unknown>>) => one[name] !== 0);

const inOrder = (documents: Documents, order: Order): Documents => documents.transform((all: unknown[]) => Lazy(sorted(all, order)));

interface Buckets {
  readonly groupBy: unknown;
  readonly boundaries: readonly unknown[];
  readonly default?: unknown;
  readonly output?: Readonly<Record<string, unknown>>;
}

/** What MongoDB makes of it: a group for each bucket that has documents, its lower bound included and its upper one not. */
const bucket = (documents: Documents, { groupBy, boundaries, output, ...others }: Buckets, options: Options): Documents => {
  const branches = boundaries.slice(1).map((upper, index) => ({
    // biome-ignore lint/suspicious/noThenProperty: a branch of MongoDB's $switch is called so
    then: { $literal: boundaries[index] },
    case: { $and: [{ $gte: [groupBy, { $literal: boundaries[index] }] }, { $lt: [groupBy, { $literal: upper }] }] },
  }));
  const otherwise = "default" in others ? { default: { $literal: others.default } } : {};
  const groups = { ...(output ?? { count: { $sum: 1 } }), _id: { $switch: { branches, ...otherwise } } };
  return inOrder(pipeline.$group(documents, groups as never, options), { _id: 1 });
};

/** Stages by MongoDB's rules where mingo's own answer otherwise. */
export const mongoStages: Readonly<Record<string, Stage>> = {
  $count: count as Stage,
  $bucket: bucket as Stage,
  $sort: inOrder as Stage,
};

/** The values of a group's documents: a field that a document does not have leaves nothing in the list. */
export const pushed = (documents: readonly unknown[], argument: unknown, options: Options): readonly unknown[] => {
  const valuesOf = (wanted: unknown): readonly unknown[] => accumulator.$push(documents as never, wanted as never, options as never);
  const types = valuesOf({ $type: argument });
  return valuesOf(argument).filter((_, index) => types[index] !== "missing");
};
