import { z } from "zod";
import type { CollectionName, Filter, LineageReader, QueryOptions } from "../stores/lineage-store/lineage-store.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";
import { afterPosition, cursorOf, positionOf } from "./cursor.js";
import { formats } from "./export/formats.js";
import { type JsonMode, parseExtendedObject } from "./extended-json.js";
import { last, wholeNumber } from "./parameters.js";

const oneOrMore = z
  .union([z.string(), z.array(z.string()).max(20)])
  .transform((given) => (typeof given === "string" ? [given] : given))
  .meta({ parameter: { type: "array", items: { type: "string" }, maxItems: 20 } });

/** Pages further back require a cursor. */
const mostSkipped = 10_000;
export const mostPerPage = 1_000;

const jsonModes: Readonly<Record<string, JsonMode>> = { relaxed: "relaxed", strict: "strict", extended: "canonical" };

/** The format of documents, in RESTHeart's terms. */
const jsonMode = z
  .preprocess(
    (given) => (typeof last(given) === "string" ? String(last(given)).toLowerCase() : last(given)),
    z.enum(["relaxed", "strict", "extended"]),
  )
  .default("relaxed")
  .transform((given): JsonMode => jsonModes[given] ?? "relaxed")
  .describe("give RELAXED: dates as ISO 8601; STRICT: dates in milliseconds; EXTENDED: every type spelled out");

const rep = z
  .preprocess((given) => (typeof last(given) === "string" ? String(last(given)).toLowerCase() : last(given)), z.enum(["standard", "s"]))
  .optional()
  .describe("give STANDARD (or S), the only representation: documents in a JSON array");

/** `?count`, `?count=true`, `?count=estimated`: for RESTHeart, presence alone means true. */
const counted = z
  .preprocess(last, z.enum(["", "true", "1", "estimated", "false", "0"]))
  .default("false")
  .transform((given) => given !== "false" && given !== "0")
  .describe("give count=true to count all matches, or leave it out");

const page = wholeNumber(1).default(1).describe("give a whole number from 1");
const pagesize = wholeNumber(0, mostPerPage).default(100).describe(`give documents per page: a whole number up to ${mostPerPage}`);
const keys = oneOrMore.default([]).describe('give fields to include: {"status":1}, or to exclude: {"lineage":0}');

/** Parameters of a query for one document. */
export const documentParameters = z.strictObject({ keys, jsonMode, rep });

/** Parameters of an aggregation. */
export const aggregationParameters = z.strictObject({
  avars: z.preprocess(last, z.string()).default("{}").describe('give values of its variables: {"status":"failed"}'),
  page,
  pagesize,
  jsonMode,
  rep,
});

/** Parameters of a count. */
export const sizeParameters = z.strictObject({
  filter: oneOrMore.default([]).describe("give MongoDB filters in extended JSON; all of them apply"),
  jsonMode,
  rep,
});

/** Parameters of a query in RESTHeart's conventions. */
export const askedParameters = z.strictObject({
  filter: oneOrMore.default([]).describe("give MongoDB filters in extended JSON; all of them apply"),
  sort: oneOrMore.default([]).describe('give {"acceptedAt":-1}, or names with - for descending'),
  sort_by: oneOrMore.default([]).describe("give the same as for sort"),
  keys,
  page,
  pagesize,
  count: counted,
  after: z.string().max(1_000).optional().describe("give a cursor of the Link header"),
  jsonMode,
  rep,
});

/** Parameters of an export. */
export const exportParameters = z
  .strictObject({
    format: z.enum(formats).default("csv").describe("give csv, ndjson or parquet"),
    filter: oneOrMore.default([]).describe("give MongoDB filters in extended JSON; all of them apply"),
    lineage: z
      .enum(["true", "false"])
      .default("false")
      .transform((given) => given === "true")
      .describe("give true with format=ndjson, to include every step"),
    after: z.string().max(1_000).optional().describe("give the time and the id of the last row received, separated by a comma"),
  })
  .refine(({ format, lineage }) => !lineage || format === "ndjson", { path: ["lineage"], message: "requires format=ndjson" });

export type AskedParameters = z.output<typeof askedParameters>;

export interface Asked {
  readonly filter: Filter;
  readonly options: QueryOptions & { readonly limit: number };
  /** Whether a cursor can continue the pages. */
  readonly byCursor: boolean;
}

const defaultSort = (collection: CollectionName): Record<string, 1 | -1> =>
  collection.startsWith("messages_") ? { acceptedAt: -1, _id: -1 } : { from: -1, _id: -1 };

/** Path parts that no document has: operators, positions in updates, and names with a special meaning in JavaScript. */
const isNoName = (part: string): boolean => part === "" || part.startsWith("$") || part === "__proto__" || /[\0,]/.test(part);

const assertField = (what: string, field: string): void => {
  if (field.split(".").some(isNoName))
    throw refusedQuery(what, `"${field}" is not a field`, field.includes(",") ? `give ${what} once for each field` : "name a field");
};

/** A plus sign in a URL is decoded as a space. */
const directionsOf = (text: string): Record<string, unknown> =>
  text.trim().startsWith("{") ? parseExtendedObject("sort", text) : { [text.replace(/^[-+ ]/, "")]: text.startsWith("-") ? -1 : 1 };

const sortOf = (given: readonly string[]): Record<string, 1 | -1> => {
  const sort: Record<string, 1 | -1> = {};
  for (const [field, direction] of given.flatMap((text) => Object.entries(directionsOf(text)))) {
    if (direction !== 1 && direction !== -1) throw refusedQuery("sort", `${field} is neither 1 nor -1`, "give 1 or -1");
    assertField("sort", field);
    sort[field] = direction;
  }
  const final = Object.values(sort).at(-1);
  // a unique last sort field keeps equal documents from moving between pages
  return final === undefined || "_id" in sort ? sort : { ...sort, _id: final };
};

/** Fields to include or exclude. Throws FILTER_REFUSED if the two are mixed or a value is neither. */
export const keysOf = (given: readonly string[]): Record<string, 0 | 1> => {
  const keys: Record<string, 0 | 1> = {};
  for (const text of given) {
    for (const [field, wanted] of Object.entries(parseExtendedObject("keys", text))) {
      if (wanted !== 0 && wanted !== 1) throw refusedQuery("keys", `${field} is neither 1 nor 0`, "give 1 or 0");
      assertField("keys", field);
      keys[field] = wanted;
    }
  }
  const inner = Object.keys(keys).find((field) => Object.keys(keys).some((other) => field.startsWith(`${other}.`)));
  if (inner !== undefined) throw refusedQuery("keys", `${inner} is part of another field in the list`, "keep one of the two");
  const wanted = new Set(Object.entries(keys).flatMap(([field, value]) => (field === "_id" ? [] : [value])));
  if (wanted.size > 1) throw refusedQuery("keys", "mixes fields to include and fields to exclude", "give only 1 or only 0; _id may differ");
  return keys;
};

const timeFieldOf = (collection: CollectionName): "acceptedAt" | "from" => (collection.startsWith("messages_") ? "acceptedAt" : "from");

/** Parses a query on a collection. Throws FILTER_REFUSED, naming the parameter and the fix. */
export const askedOf = (collection: CollectionName, given: AskedParameters): Asked => {
  const filters = given.filter.map((text) => parseExtendedObject("filter", text));
  const sort = sortOf([...given.sort, ...given.sort_by]);
  const keys = keysOf(given.keys);
  const skip = (given.page - 1) * given.pagesize;
  if (skip > mostSkipped) throw refusedQuery("page", `${given.page} is too high`, "follow the Link header, or narrow the filter");
  const byCursor = Object.keys(sort).length === 0;
  if (given.after !== undefined && !byCursor) throw refusedQuery("after", "requires the default order", "omit sort");
  const field = timeFieldOf(collection);
  const further = given.after === undefined ? [] : [afterPosition(field, positionOf(given.after))];
  const all = [...filters, ...further];
  const [only] = all;
  return {
    filter: all.length === 1 && only ? only : all.length === 0 ? {} : { $and: all },
    options: {
      sort: byCursor ? defaultSort(collection) : sort,
      skip: given.after === undefined ? skip : 0,
      limit: given.pagesize,
      ...(Object.keys(keys).length > 0 ? { keys } : {}),
    },
    byCursor,
  };
};

/** Restricts a filter to the tenant's own data. */
export const ownOf = (filter: Filter, tenant: string | undefined): Filter =>
  tenant === undefined ? filter : { $and: [{ tenant }, filter] };

export interface Page {
  readonly documents: readonly unknown[];
  readonly total: number | undefined;
  /** Cursor of the next page, if there is one. */
  readonly next: string | undefined;
}

type Keys = Readonly<Record<string, 0 | 1>>;

/** The requested keys plus the keys that a cursor needs. `hidden`: fields only for the cursor. */
const keysWithCursor = (keys: Keys, field: string): { readonly keys: Keys; readonly hidden: readonly string[] } => {
  const named = Object.entries(keys).filter(([name]) => name !== "_id");
  const picks = named.some(([, wanted]) => wanted === 1) || (named.length === 0 && keys._id === 1);
  const others = Object.fromEntries(named.filter(([name]) => name !== field));
  const isHidden = picks ? keys[field] !== 1 : keys[field] === 0;
  const hidden = [...(keys._id === 0 ? ["_id"] : []), ...(isHidden ? [field] : [])];
  return { keys: picks ? { ...others, [field]: 1 } : others, hidden };
};

const without = (document: object, hidden: readonly string[]): unknown =>
  hidden.length === 0 ? document : Object.fromEntries(Object.entries(document).filter(([name]) => !hidden.includes(name)));

/** Answers a page. */
export const answerPage = async (
  reader: LineageReader,
  collection: CollectionName,
  { filter, options, byCursor }: Asked,
  { tenant, count }: { readonly tenant: string | undefined; readonly count: boolean },
): Promise<Page> => {
  const own = ownOf(filter, tenant);
  const field = timeFieldOf(collection);
  const { keys: asked, ...order } = options;
  const { keys, hidden } = byCursor && asked ? keysWithCursor(asked, field) : { keys: asked ?? {}, hidden: [] };
  const [documents, total] = await Promise.all([
    options.limit === 0 ? [] : reader.query(collection, own, { ...order, ...(Object.keys(keys).length > 0 ? { keys } : {}) }),
    count ? reader.count(collection, own) : undefined,
  ]);
  const last = documents.at(-1) as (Record<string, unknown> & { readonly _id?: string }) | undefined;
  const at = last?.[field];
  const goesOn = byCursor && documents.length === options.limit && at instanceof Date && typeof last?._id === "string";
  return {
    documents: documents.map((document) => without(document, hidden)),
    total,
    next: goesOn ? cursorOf({ atMs: at.getTime(), id: last._id as string }) : undefined,
  };
};
