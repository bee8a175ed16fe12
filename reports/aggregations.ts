import type { CarillonError } from "../schemas/errors.js";
import { type CollectionName, type Filter, messageCollections, rollupCollections } from "../stores/lineage-store/lineage-store.js";
import { assertPipeline, assertStages } from "../stores/lineage-store/query/query-rules.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";
import { parseExtended } from "./extended-json.js";

/** A named query with placeholders for values. */
export interface NamedAggregation {
  readonly doc: string;
  readonly collections: readonly CollectionName[];
  /**
   * Stages. `{"$var": "name"}` is replaced by a value, `{"$var": ["name", otherwise]}` by one with a default. `{"$ifvar": ["name", stage]}`
   * is a stage that is omitted without the variable; `{"$ifvar": [["one", "other"], stage, otherwise]}` needs both.
   */
  readonly pipeline: readonly Filter[];
}

const optional = (name: string, field = name): Filter => ({ $ifvar: [name, { $match: { [field]: { $var: name } } }] });
const between: readonly Filter[] = [
  { $ifvar: ["from", { $match: { from: { $gte: { $var: "from" } } } }] },
  { $ifvar: ["to", { $match: { from: { $lt: { $var: "to" } } } }] },
];
const narrowed: readonly Filter[] = [
  ...between,
  ...["tenant", "channel", "provider", "lane", "country", "region", "template"].map((name) => optional(name)),
];

/** The aggregations that Carillon includes. */
export const builtIn: Readonly<Record<string, NamedAggregation>> = {
  "by-status": {
    doc: "messages by status, with their cost; variables: from, to, and any dimension",
    collections: rollupCollections,
    pipeline: [
      ...narrowed,
      { $project: { status: { $objectToArray: "$statuses" } } },
      { $unwind: "$status" },
      { $group: { _id: "$status.k", messages: { $sum: "$status.v" } } },
      { $match: { messages: { $gt: 0 } } },
      { $sort: { messages: -1, _id: 1 } },
    ],
  },
  "by-provider": {
    doc: "messages, attempts and deliveries by channel and provider; variables: from, to, and any dimension",
    collections: rollupCollections,
    pipeline: [
      ...narrowed,
      {
        $group: {
          _id: { channel: "$channel", provider: "$provider" },
          messages: { $sum: "$messages" },
          attempts: { $sum: "$attempts" },
          delivered: { $sum: "$statuses.delivered" },
          failed: { $sum: "$statuses.failed" },
          expired: { $sum: "$statuses.expired" },
        },
      },
      { $match: { messages: { $gt: 0 } } },
      { $sort: { messages: -1 } },
    ],
  },
  "by-reason": {
    doc: "reasons for non-delivery, most frequent first; variables: from, to, and any dimension",
    collections: rollupCollections,
    pipeline: [
      ...narrowed,
      { $project: { channel: 1, reason: { $objectToArray: "$reasons" } } },
      { $unwind: "$reason" },
      { $group: { _id: { channel: "$channel", reason: "$reason.k" }, messages: { $sum: "$reason.v" } } },
      { $match: { messages: { $gt: 0 } } },
      { $sort: { messages: -1 } },
    ],
  },
  recipients: {
    doc: "recipients with the most messages of a final status; variables: status (failed), from, to, most (20)",
    collections: messageCollections,
    pipeline: [
      { $match: { status: { $var: ["status", "failed"] } } },
      { $ifvar: ["from", { $match: { acceptedAt: { $gte: { $var: "from" } } } }] },
      { $ifvar: ["to", { $match: { acceptedAt: { $lt: { $var: "to" } } } }] },
      { $group: { _id: "$to", messages: { $sum: 1 }, last: { $max: "$acceptedAt" } } },
      { $sort: { messages: -1, _id: 1 } },
      { $limit: { $var: ["most", 20] } },
    ],
  },
};

/** Parses a configured pipeline. Throws FILTER_REFUSED if it is not a list of stages. */
export const parsePipeline = (what: string, text: string): readonly Filter[] => {
  const parsed = parseExtended(what, text);
  if (!Array.isArray(parsed) || !parsed.every(isFields)) throw refusedQuery(what, "is not a list of stages", 'give [{"$match": …}, …]');
  variablesOf(parsed); // throws for a variable without a name
  return parsed;
};

type Variables = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Filter =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof RegExp);

/** The value of a variable; a dotted name leads into objects. Undefined if there is none. */
const variableOf = (variables: Variables, name: string): unknown => {
  if (Object.hasOwn(variables, name)) return variables[name];
  let value: unknown = variables;
  for (const part of name.split(".")) {
    if (!isFields(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
};

const isValue = (value: unknown): boolean => value === null || typeof value !== "object" || value instanceof Date;

/** A variable's value is never an operator. Directly on a field, a list matches any of its values. */
const plainValue = (name: string, value: unknown, operator: string | undefined): unknown => {
  if (isValue(value)) return value;
  if (!Array.isArray(value) || !value.every(isValue))
    throw refusedQuery("avars", `${name} is not a plain value`, "give a string, a number, a date, or a list of them");
  return operator?.startsWith("$") ? value : { $in: value };
};

const malformed = (operator: string, given: unknown): CarillonError =>
  refusedQuery(
    operator,
    `${JSON.stringify(given)} names no variable`,
    operator === "$var"
      ? 'give {"$var":"name"} or {"$var":["name",otherwise]}'
      : 'give {"$ifvar":["name",stage]}, {"$ifvar":[["one","other"],stage]}, or either with a stage for otherwise',
  );

interface Reference {
  readonly name: string;
  /** The default; undefined if the variable is required. */
  readonly otherwise: unknown;
}

const referenceOf = (given: unknown): Reference => {
  const [name, otherwise, ...more] = Array.isArray(given) ? given : [given];
  if (typeof name !== "string" || name === "" || more.length > 0 || (Array.isArray(given) && given.length < 2))
    throw malformed("$var", given);
  return { name, otherwise };
};

interface Condition {
  readonly names: readonly string[];
  readonly then: unknown;
  readonly otherwise: unknown;
}

const conditionOf = (given: unknown): Condition => {
  const [wanted, then, otherwise, ...more] = Array.isArray(given) ? given : [];
  const names: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  const isNamed = names.length > 0 && names.every((name) => typeof name === "string" && name !== "");
  if (!isNamed || !isFields(then) || (otherwise !== undefined && !isFields(otherwise)) || more.length > 0) throw malformed("$ifvar", given);
  return { names: names as readonly string[], then, otherwise };
};

/** Every variable name in a part of a pipeline. Throws FILTER_REFUSED for a `$var` or `$ifvar` without a name. */
const namesIn = (part: unknown): readonly string[] => {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (!isFields(part)) return [];
  return Object.entries(part).flatMap(([key, inner]) => {
    if (key === "$var") return [referenceOf(inner).name];
    if (key !== "$ifvar") return namesIn(inner);
    const { names, then, otherwise } = conditionOf(inner);
    return [...names, ...namesIn(then), ...namesIn(otherwise)];
  });
};

/** Names of a pipeline's variables, except those for the page. */
export const variablesOf = (pipeline: readonly Filter[]): readonly string[] =>
  [...new Set(namesIn(pipeline))].filter((name) => !name.startsWith("@")).sort();

/** Paths of the given values. */
const pathsOf = (variables: Variables, within = ""): readonly string[] =>
  Object.entries(variables).flatMap(([name, value]) =>
    isFields(value) && Object.keys(value).length > 0 ? pathsOf(value, `${within}${name}.`) : [`${within}${name}`],
  );

/** Refuses an unknown variable, because it may be mistyped: without it the answer would cover more than requested. */
const assertTaken = (pipeline: readonly Filter[], variables: Variables): void => {
  const taken = variablesOf(pipeline);
  const unknown = pathsOf(variables).find((path) => !taken.includes(path));
  if (unknown === undefined) return;
  throw refusedQuery(
    "avars",
    `${unknown} is not a variable of this aggregation`,
    taken.length > 0 ? `give some of ${taken.join(", ")}` : "omit avars",
  );
};

/** `operator`: the parent key of the part. */
const bindValue = (part: unknown, variables: Variables, operator?: string): unknown => {
  if (Array.isArray(part)) return part.map((item) => bindValue(item, variables, "$"));
  if (!isFields(part)) return part;
  if ("$var" in part) {
    const { name, otherwise } = referenceOf(part.$var);
    const value = variableOf(variables, name);
    if (value !== undefined) return plainValue(name, value, operator);
    if (otherwise === undefined) throw refusedQuery("avars", `${name} is missing`, `give avars={"${name}": …}`);
    return otherwise;
  }
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, bindValue(inner, variables, key)]));
};

const withNull = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(withNull);
  if (!isFields(part)) return part;
  if ("$var" in part) return null;
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, withNull(inner)]));
};

/** Throws FILTER_REFUSED for a stage, an operator or an argument that no variable could make valid. */
export const checkPipeline = (pipeline: readonly Filter[]): void => {
  const stages = pipeline.flatMap((stage): readonly unknown[] => {
    if (stage.$ifvar === undefined) return [stage];
    const { then, otherwise } = conditionOf(stage.$ifvar);
    return otherwise === undefined ? [then] : [then, otherwise];
  });
  // an earlier stage may have reused the names of time fields
  const reshaping: Filter = { $project: { _id: 1 } };
  for (const stage of stages as readonly Filter[]) {
    // variables are checked once their values are known
    if (namesIn(stage).length === 0) assertPipeline([reshaping, stage]);
    else assertStages([withNull(stage) as Filter]);
  }
};

/** The requested documents: RESTHeart's variables @page, @pagesize, @limit and @skip. */
export interface AggregationPage {
  readonly page: number;
  readonly pagesize: number;
}

/**
 * The pipeline with its variables replaced.
 * Throws FILTER_REFUSED, naming the variable, if one is missing, is not a plain value, or is not in the pipeline.
 */
export const bindVariables = (pipeline: readonly Filter[], given: Variables, { page, pagesize }: AggregationPage): readonly Filter[] => {
  assertTaken(pipeline, given);
  const variables = { ...given, "@page": page, "@pagesize": pagesize, "@limit": pagesize, "@skip": (page - 1) * pagesize };
  return pipeline.flatMap((stage): Filter[] => {
    if (stage.$ifvar === undefined) return [bindValue(stage, variables) as Filter];
    const { names, then, otherwise } = conditionOf(stage.$ifvar);
    const chosen = names.every((name) => variableOf(variables, name) !== undefined) ? then : otherwise;
    return chosen === undefined ? [] : [bindValue(chosen, variables) as Filter];
  });
};
