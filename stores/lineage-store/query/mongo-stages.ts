import { type Iterator as Documents, Lazy } from "mingo/lazy";
import * as accumulator from "mingo/operators/accumulator";
import * as pipeline from "mingo/operators/pipeline";
import type { Options } from "mingo/types";
import { type Order, sorted } from "./sort-documents.js";

/** A mingo stage. */
type Stage = (documents: Documents, argument: never, options: Options) => Documents;

/** Returns nothing for no documents, where mingo returns a count of 0. */
const count = (documents: Documents, name: string, options: Options): Documents =>
  pipeline.$count(documents, name as never, options).filter((one: Readonly<Record<string, unknown>>) => one[name] !== 0);

const inOrder = (documents: Documents, order: Order): Documents => documents.transform((all: unknown[]) => Lazy(sorted(all, order)));

interface Buckets {
  readonly groupBy: unknown;
  readonly boundaries: readonly unknown[];
  readonly default?: unknown;
  readonly output?: Readonly<Record<string, unknown>>;
}

/** Groups by bucket as MongoDB does: only buckets with documents, lower bound inclusive, upper bound exclusive. */
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

/** Stages with MongoDB's rules, where mingo's own differ. */
export const mongoStages: Readonly<Record<string, Stage>> = {
  $count: count as Stage,
  $bucket: bucket as Stage,
  $sort: inOrder as Stage,
};

/** The values of a group's documents. A missing field adds nothing to the list. */
export const pushed = (documents: readonly unknown[], argument: unknown, options: Options): readonly unknown[] => {
  const valuesOf = (wanted: unknown): readonly unknown[] => accumulator.$push(documents as never, wanted as never, options as never);
  const types = valuesOf({ $type: argument });
  return valuesOf(argument).filter((_, index) => types[index] !== "missing");
};
