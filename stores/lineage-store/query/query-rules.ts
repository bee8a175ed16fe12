import { RegExpParser, visitRegExpAST } from "@eslint-community/regexpp";
import { CarillonError } from "../../../schemas/errors.js";
import type { Filter } from "../lineage-store.js";

const refuse = (problem: string, fix?: string): never => {
  throw new CarillonError("FILTER_REFUSED", problem, fix === undefined ? {} : { fix });
};

/** Operators that a filter may use: those that only compare. */
export const queryOperators: ReadonlySet<string> = new Set(
  "eq ne gt gte lt lte in nin and or nor not exists type regex options elemMatch all size mod".split(" ").map((name) => `$${name}`),
);

/** Stages of an aggregation: those that neither write nor read other collections. */
export const pipelineStages: ReadonlySet<string> = new Set(
  "match group project addFields set unset unwind sort limit skip count bucket sortByCount replaceRoot replaceWith"
    .split(" ")
    .map((name) => `$${name}`),
);

/** Expressions that run code or may grow without a bound. */
const refusedExpressions = new Set(["$function", "$accumulator", "$where", "$lookup", "$graphLookup", "$unionWith", "$out", "$merge"]);

const most = { depth: 10, pipelineDepth: 20, nodes: 2_000, stages: 20, regexLength: 200, openQuantifiers: 2 } as const;
const regexFlags = /^[imsx]*$/;

/** Refuses a pattern that can take more than the square of a text's length: what is repeated may not hold repetitions or choices. */
const assertRegex = (pattern: string, flags: string): void => {
  if (pattern.length > most.regexLength) refuse(`a pattern is longer than ${most.regexLength} characters`);
  if (!regexFlags.test(flags)) refuse(`the pattern's options "${flags}" are not of i, m, s and x`);
  let parsed: ReturnType<RegExpParser["parsePattern"]> | undefined;
  try {
    parsed = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(pattern);
  } catch (error) {
    throw new CarillonError("FILTER_REFUSED", `the pattern ${pattern} is not a regular expression`, { cause: error });
  }
  let open = 0;
  visitRegExpAST(parsed, {
    onQuantifierEnter: ({ element, max }) => {
      if (element.type === "Group" || element.type === "CapturingGroup")
        refuse("a pattern repeats a group, which can take for ever", "repeat single characters or classes, such as [a-z]*");
      if (max > 100) open += 1;
    },
    onAssertionEnter: ({ kind }) => {
      if (kind === "lookahead" || kind === "lookbehind") refuse("a pattern looks ahead or behind", "leave (?=…), (?!…) and (?<…) out");
    },
    onBackreferenceEnter: () => refuse("a pattern refers back to a group", "leave \\1 out"),
  });
  if (open > most.openQuantifiers) refuse(`a pattern has more than ${most.openQuantifiers} open repetitions`, "use fewer of *, + and {n,}");
};

interface Walk {
  readonly depth: number;
  readonly allows: (operator: string) => boolean;
  readonly what: string;
}

const assertPattern = ({ $regex: pattern, $options: flags = "" }: Filter): void => {
  if (pattern === undefined || pattern instanceof RegExp) return;
  if (typeof pattern === "string" && typeof flags === "string") assertRegex(pattern, flags);
  else refuse("$regex and $options must be texts");
};

const assertKeys = (value: Filter, { allows }: Walk): void => {
  for (const key of Object.keys(value)) {
    if (key.startsWith("$") && !allows(key)) refuse(`the operator ${key} is not allowed`);
    if (key.includes("\0") || key === "__proto__") refuse("a field's name is not one");
  }
};

const partsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return value === null || typeof value !== "object" || value instanceof Date || value instanceof RegExp ? [] : Object.values(value);
};

/** Goes through every key and value. Throws FILTER_REFUSED at the first that is not allowed. */
const assertAllowed = (root: unknown, walk: Walk): void => {
  let nodes = 0;
  const visit = (value: unknown, depth: number): void => {
    nodes += 1;
    if (nodes > most.nodes) refuse(`the ${walk.what} has more than ${most.nodes} parts`);
    if (depth > walk.depth) refuse(`the ${walk.what} is nested deeper than ${walk.depth}`);
    const parts = partsOf(value);
    if (value instanceof RegExp) assertRegex(value.source, value.flags);
    else if (parts.length > 0 && !Array.isArray(value)) {
      assertKeys(value as Filter, walk);
      assertPattern(value as Filter);
    }
    for (const part of parts) visit(part, depth + 1);
  };
  visit(root, 0);
};

/** Throws FILTER_REFUSED when a filter does anything but compare, is nested too deep, or holds a pattern that may take for ever. */
export const assertFilter = (filter: Filter): void =>
  assertAllowed(filter, { depth: most.depth, allows: (operator) => queryOperators.has(operator), what: "filter" });

/** The same of a pipeline: each stage reads nothing but what the one before gives, and runs no code. */
export const assertPipeline = (pipeline: readonly Filter[]): void => {
  if (pipeline.length > most.stages) refuse(`the pipeline has more than ${most.stages} stages`);
  for (const stage of pipeline) {
    const [name, ...others] = Object.keys(stage);
    if (name === undefined || others.length > 0 || !pipelineStages.has(name)) refuse(`the stage ${name ?? "{}"} is not allowed`);
    if (name === "$match") assertFilter(stage[name] as Filter);
    else assertAllowed(stage, { depth: most.pipelineDepth, allows: (operator) => !refusedExpressions.has(operator), what: "pipeline" });
  }
};
