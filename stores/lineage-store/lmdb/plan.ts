import type { Filter, MessageDocument } from "../lineage-store.js";

/** Indexes of the embedded store over the documents of a collection, most selective first. */
export const embeddedIndexes = ["to", "user", "open", "reason", "template", "status", "tenant", "accepted"] as const;
export type EmbeddedIndex = (typeof embeddedIndexes)[number];

/** The number of each index in the keys of its entries. Stored: an index keeps its number. */
export const indexNumbers: Readonly<Record<EmbeddedIndex, number>> = {
  to: 0,
  open: 1,
  reason: 2,
  template: 3,
  status: 4,
  tenant: 5,
  accepted: 6,
  user: 7,
};

/** Longer values are cut: the index returns all matches, and possibly other documents. */
const longestValue = 200;
const cut = (value: string): string => value.slice(0, longestValue);

/** The index entry of a document: value and time. Undefined if the document is not in the index. */
export const placeIn = (index: EmbeddedIndex, document: MessageDocument): { readonly value: string; readonly atMs: number } | undefined => {
  const atMs = document.acceptedAt.getTime();
  if (index === "accepted") return { value: "", atMs };
  if (index === "open") return document.final ? undefined : { value: "", atMs: document.expiresAt?.getTime() ?? 0 };
  const value = document[index] ?? null;
  return value === null ? undefined : { value: cut(value), atMs };
};

/** Milliseconds since 1970 UTC; the end is exclusive. */
export interface Span {
  readonly fromMs: number;
  readonly endMs: number;
}

const always: Span = { fromMs: -8_640_000_000_000_000, endMs: 8_640_000_000_000_000 };

/** The data to read for a filter: it contains all matches, and possibly other documents. */
export type Plan =
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  /** In order of _id. */
  | { readonly kind: "all"; readonly afterId: string | undefined; readonly beforeId: string | undefined }
  | {
      readonly kind: "index";
      readonly index: EmbeddedIndex;
      readonly values: readonly string[];
      /** Further indexes that must contain the document, each with one of the values. */
      readonly also: readonly { readonly index: EmbeddedIndex; readonly values: readonly string[] }[];
      readonly span: Span;
      /** Whether this part of the index contains only matches. */
      readonly exact: boolean;
    };

export type PlanOfKind<Kind extends Plan["kind"]> = Plan & { readonly kind: Kind };

type Condition = Readonly<Record<string, unknown>>;

const isOperators = (value: unknown): value is Condition =>
  typeof value === "object" && value !== null && Object.keys(value).some((key) => key.startsWith("$"));

/** All conditions that each field must meet, from the top level and from $and. */
const conditionsOf = (filter: Filter, found = new Map<string, Condition[]>()): Map<string, Condition[]> => {
  for (const [key, value] of Object.entries(filter)) {
    // alternatives and negations are kept under their operator, where they narrow nothing
    if (key === "$and" && Array.isArray(value)) for (const part of value) conditionsOf(part as Filter, found);
    else found.set(key, [...(found.get(key) ?? []), isOperators(value) ? value : { $eq: value }]);
  }
  return found;
};

const mostValues = 20;

/** The texts of which the field must equal one, if the conditions require that. */
const textsOf = (conditions: readonly Condition[] = []): readonly string[] | undefined => {
  for (const { $eq, $in } of conditions) {
    const wanted = $eq === undefined ? $in : [$eq];
    if (Array.isArray(wanted) && wanted.length <= mostValues && wanted.every((one) => typeof one === "string")) return [...new Set(wanted)];
  }
  return undefined;
};

const instantOf = (value: unknown): number | undefined => (value instanceof Date ? value.getTime() : undefined);

const bounds: Readonly<Record<string, (atMs: number) => Partial<Span>>> = {
  $eq: (atMs) => ({ fromMs: atMs, endMs: atMs + 1 }),
  $gte: (atMs) => ({ fromMs: atMs }),
  $gt: (atMs) => ({ fromMs: atMs + 1 }),
  $lt: (atMs) => ({ endMs: atMs }),
  $lte: (atMs) => ({ endMs: atMs + 1 }),
};

/** The span that the conditions allow. */
export const spanOf = (conditions: readonly Condition[] = []): Span => {
  let { fromMs, endMs } = always;
  for (const condition of conditions) {
    for (const [operator, value] of Object.entries(condition)) {
      const atMs = instantOf(value);
      const bound = atMs === undefined ? undefined : bounds[operator]?.(atMs);
      fromMs = Math.max(fromMs, bound?.fromMs ?? fromMs);
      endMs = Math.min(endMs, bound?.endMs ?? endMs);
    }
  }
  return { fromMs, endMs };
};

/** Whether a span expresses the conditions completely. */
const isSpan = (conditions: readonly Condition[] = []): boolean =>
  conditions.every((condition) =>
    Object.entries(condition).every(([operator, value]) => operator in bounds && instantOf(value) !== undefined),
  );

const textBound = (conditions: readonly Condition[] = [], operators: readonly string[]): string | undefined =>
  conditions.flatMap((condition) => operators.map((operator) => condition[operator])).find((value) => typeof value === "string");

/** Whether the filter contains only one condition on a field, and times. */
const saysOnly = (conditions: ReadonlyMap<string, Condition[]>, index: string, time: string): boolean =>
  [...conditions.keys()].every((key) => key === index || key === time) &&
  (conditions.get(index)?.length ?? 1) === 1 &&
  Object.keys(conditions.get(index)?.[0] ?? { $eq: 1 }).length === 1 &&
  isSpan(conditions.get(time));

const planOn = (index: EmbeddedIndex, conditions: ReadonlyMap<string, Condition[]>): Plan | undefined => {
  const time = index === "open" ? "expiresAt" : "acceptedAt";
  const field = index === "open" ? "final" : index;
  const span = spanOf(conditions.get(time));
  const exact = saysOnly(conditions, field, time);
  if (index === "accepted") return { kind: "index", index, values: [""], also: [], span, exact };
  if (index === "open") {
    const isOpen = conditions.get("final")?.some(({ $eq }) => $eq === false);
    return isOpen ? { kind: "index", index, values: [""], also: [], span, exact: exact && !conditions.has(time) } : undefined;
  }
  const values = textsOf(conditions.get(index));
  if (!values) return undefined;
  const also = embeddedIndexes.slice(embeddedIndexes.indexOf(index) + 1).flatMap((other) => {
    const further = other === "open" || other === "accepted" ? undefined : textsOf(conditions.get(other));
    return further ? [{ index: other, values: further.map(cut) }] : [];
  });
  const whole = values.every((value) => value.length < longestValue);
  return { kind: "index", index, values: values.map(cut), also, span, exact: exact && whole };
};

/** The narrowest read that covers all matching documents. `byId`: in order of _id. */
export const planOf = (filter: Filter, byId = false): Plan => {
  const conditions = conditionsOf(filter);
  const ids = textsOf(conditions.get("_id"));
  if (ids) return { kind: "ids", ids };
  for (const index of embeddedIndexes) {
    if (index === "accepted" && byId && !conditions.has("acceptedAt")) {
      const id = conditions.get("_id");
      return { kind: "all", afterId: textBound(id, ["$gt", "$gte"]), beforeId: textBound(id, ["$lt", "$lte"]) };
    }
    const plan = planOn(index, conditions);
    if (plan) return plan;
  }
  return { kind: "all", afterId: undefined, beforeId: undefined };
};

/** The span of time that a filter of rollups allows. */
export const rollupSpanOf = (filter: Filter): Span => spanOf(conditionsOf(filter).get("from"));

/** All documents that were accepted in the span. */
export const acceptedIn = (span: Span): Plan => ({ kind: "index", index: "accepted", values: [""], also: [], span, exact: true });
