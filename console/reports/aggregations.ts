import { CarillonError } from "../../schemas/errors.js";
import { type CollectionName, type Filter, messageCollections, rollupCollections } from "../../stores/lineage-store/lineage-store.js";
import { parseExtended } from "./extended-json.js";

/** A question with a name and places for values. */
export interface NamedAggregation {
  readonly doc: string;
  readonly collections: readonly CollectionName[];
  /** Stages; `{"$var": "name"}` stands for a value, `{"$var": ["name", otherwise]}` for one with a default, `{"$ifvar": ["name", stage]}` for a stage that is left out without it. */
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

/** Those that come with Carillon. */
export const builtIn: Readonly<Record<string, NamedAggregation>> = {
  "by-status": {
    doc: "messages by how they stand, and what it cost; variables: from, to, and any dimension",
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
    doc: "why messages were not delivered, the most frequent first; variables: from, to, and any dimension",
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
    doc: "recipients with the most messages that ended so; variables: status (failed), from, to, most (20)",
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

/** A pipeline as an analyst may write it in the configuration. Throws FILTER_REFUSED where it is no list of stages. */
export const parsePipeline = (what: string, text: string): readonly Filter[] => {
  const parsed = parseExtended(what, text);
  if (Array.isArray(parsed)) return parsed as Filter[];
  throw new CarillonError("FILTER_REFUSED", `${what} is not a list of stages`, { fix: 'give [{"$match": …}, …]' });
};

const isText = (value: unknown): value is string => typeof value === "string";

const missing = (name: string): CarillonError =>
  new CarillonError("FILTER_REFUSED", `avars: ${name} is missing`, { fix: `give avars={"${name}": …}` });

type Variables = Readonly<Record<string, unknown>>;

/** A variable's value is a value: never an operator. */
const plainValue = (name: string, value: unknown): unknown => {
  const isValue = value === null || typeof value !== "object" || value instanceof Date;
  const isList = Array.isArray(value) && value.every((one) => one === null || typeof one !== "object" || one instanceof Date);
  if (!isValue && !isList)
    throw new CarillonError("FILTER_REFUSED", `avars: ${name} is not a plain value`, {
      fix: "give a text, a number, a date, or a list of them",
    });
  return isList ? { $in: value } : value;
};

const bindValue = (part: unknown, variables: Variables): unknown => {
  if (Array.isArray(part)) return part.map((item) => bindValue(item, variables));
  if (part === null || typeof part !== "object" || part instanceof Date) return part;
  const { $var: wanted } = part as Filter;
  if (wanted !== undefined) {
    const [name, otherwise] = Array.isArray(wanted) ? wanted : [wanted];
    if (!isText(name)) throw missing(String(name));
    if (name in variables) return plainValue(name, variables[name]);
    if (otherwise === undefined) throw missing(name);
    return otherwise;
  }
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, bindValue(inner, variables)]));
};

/** The pipeline with the values in their places. Throws FILTER_REFUSED where one is missing or more than a value. */
export const bindVariables = (pipeline: readonly Filter[], variables: Variables): readonly Filter[] =>
  pipeline.flatMap((stage): Filter[] => {
    const { $ifvar: condition } = stage;
    if (condition === undefined) return [bindValue(stage, variables) as Filter];
    const [name, then, otherwise] = Array.isArray(condition) ? condition : [condition];
    const chosen = isText(name) && name in variables ? then : otherwise;
    return chosen === undefined ? [] : [bindValue(chosen, variables) as Filter];
  });
