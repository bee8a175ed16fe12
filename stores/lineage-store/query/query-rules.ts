import type { Filter } from "../lineage-store.js";
import { assertOperands, queryOperators } from "./operand-rules.js";
import { refuseQuery } from "./refused-query.js";
import { assertRegex } from "./regex-rules.js";
import { assertStageArgument } from "./stage-rules.js";
import { assertTimes } from "./time-rules.js";

/** Allowed aggregation stages: none writes, and none reads other collections. */
export const pipelineStages: ReadonlySet<string> = new Set(
  "match group project addFields set unset unwind sort limit skip count bucket sortByCount replaceRoot replaceWith"
    .split(" ")
    .map((name) => `$${name}`),
);

/** Expressions that run code or may grow without bound. */
const refusedExpressions = new Set(["$function", "$accumulator", "$where", "$lookup", "$graphLookup", "$unionWith", "$out", "$merge"]);

const most = { depth: 10, pipelineDepth: 20, nodes: 2_000, stages: 20 } as const;

interface Walk {
  readonly depth: number;
  readonly allows: (operator: string) => boolean;
  readonly what: string;
  /** The fix that the error suggests. */
  readonly instead: string;
}

/** Expressions that apply a pattern. */
const patternExpressions = ["$regexMatch", "$regexFind", "$regexFindAll"];

const assertPatterns = (value: Filter): void => {
  for (const name of patternExpressions) {
    const { regex, options = "" } = (Object.hasOwn(value, name) ? (value[name] as Filter | null) : undefined) ?? {};
    if (regex instanceof RegExp) assertRegex(regex.source, regex.flags);
    else if (typeof regex === "string" && typeof options === "string" && !regex.startsWith("$")) assertRegex(regex, options);
    else if (Object.hasOwn(value, name)) refuseQuery(name, `takes a pattern as a string`, 'give {"input": …, "regex": "^a"}');
  }
};

const assertKeys = (value: Filter, { what, allows, instead }: Walk): void => {
  for (const key of Object.keys(value)) {
    if (key.startsWith("$") && !allows(key)) refuseQuery(what, `the operator ${key} is not allowed`, instead);
    if (key.includes("\0") || key === "__proto__") refuseQuery(what, `${JSON.stringify(key)} is not a field name`, "leave it out");
  }
};

const partsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return value === null || typeof value !== "object" || value instanceof Date || value instanceof RegExp ? [] : Object.values(value);
};

/** Walks every key and value. Throws FILTER_REFUSED at the first that is not allowed. */
const assertAllowed = (root: unknown, walk: Walk): void => {
  let nodes = 0;
  const visit = (value: unknown, depth: number): void => {
    nodes += 1;
    if (nodes > most.nodes) refuseQuery(walk.what, `has more than ${most.nodes} parts`, "split it into several queries");
    if (depth > walk.depth) refuseQuery(walk.what, `is nested deeper than ${walk.depth}`, "put conditions side by side; lists also count");
    const parts = partsOf(value);
    if (value instanceof RegExp) assertRegex(value.source, value.flags);
    else if (parts.length > 0 && !Array.isArray(value)) {
      assertKeys(value as Filter, walk);
      assertPatterns(value as Filter);
    }
    for (const part of parts) visit(part, depth + 1);
  };
  visit(root, 0);
};

const filterWalk: Walk = {
  what: "filter",
  depth: most.depth,
  allows: (operator) => queryOperators.has(operator),
  instead: `use ${[...queryOperators].join(", ")}`,
};

const pipelineWalk: Walk = {
  what: "pipeline",
  depth: most.pipelineDepth,
  allows: (operator) => !refusedExpressions.has(operator),
  instead: "remove it: it runs code, or reads or writes other collections",
};

const assertMatch = (filter: Filter): void => {
  assertAllowed(filter, filterWalk);
  assertOperands(filter);
};

/**
 * Throws FILTER_REFUSED for a filter that does more than compare, is nested too deeply, gives an operator a wrong argument, compares a time
 * with another type, or contains a pattern of unbounded cost.
 */
export const assertFilter = (filter: Filter): void => {
  assertMatch(filter);
  assertTimes(filter);
};

/** The name of the stage. Throws if the stage is not allowed. */
const assertStage = (stage: Filter): string => {
  const [name = "{}", ...others] = Object.keys(stage);
  if (others.length > 0 || !pipelineStages.has(name))
    refuseQuery("pipeline", `the stage ${name} is not allowed`, `use ${[...pipelineStages].join(", ")}`);
  return name;
};

/** `reshaped`: earlier stages may have assigned the names of time fields to other fields. */
const assertMatchStage = (filter: unknown, reshaped: boolean): void => {
  if (filter === null || typeof filter !== "object" || Array.isArray(filter))
    refuseQuery("$match", "takes a filter", 'give {"$match":{…}}');
  else if (reshaped) assertMatch(filter as Filter);
  else assertFilter(filter as Filter);
};

/** The same for a pipeline with unknown values: checks its stages and operators. */
export const assertStages = (pipeline: readonly Filter[]): void => {
  if (pipeline.length > most.stages) refuseQuery("pipeline", `has more than ${most.stages} stages`, "combine some of them");
  for (const stage of pipeline) if (assertStage(stage) !== "$match") assertAllowed(stage, pipelineWalk);
};

/** The same for a pipeline: each stage reads only the output of the previous one and runs no code. */
export const assertPipeline = (pipeline: readonly Filter[]): void => {
  assertStages(pipeline);
  let reshaped = false;
  for (const stage of pipeline) {
    const name = assertStage(stage);
    if (name === "$match") assertMatchStage(stage[name], reshaped);
    else assertStageArgument(name, stage[name]);
    reshaped ||= name !== "$match";
  }
};
