import type { CollectionName, DocumentOf, MessageDocument, RollupDocument } from "../../stores/lineage-store/lineage-store.js";
import type { SummaryRow } from "../summary.js";
import type { UsageRow } from "../usage.js";

/** A cell of a table: times as ISO 8601. */
export type Cell = string | number | boolean | null;

/** The table row for a kind of document. */
export interface Table<T> {
  readonly columns: readonly { readonly name: string; readonly type: "STRING" | "INT64" | "DOUBLE" | "BOOLEAN" | "TIMESTAMP" }[];
  rowOf(document: T): readonly Cell[];
}

type Column<T> = readonly [name: string, type: Table<T>["columns"][number]["type"], of: (document: T) => Cell];

const tableOf = <T>(columns: readonly Column<T>[]): Table<T> => ({
  columns: columns.map(([name, type]) => ({ name, type })),
  rowOf: (document) => columns.map(([, , of]) => of(document)),
});

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;
const named = (counts: Readonly<Record<string, number>>): string | null =>
  Object.keys(counts).length === 0 ? null : JSON.stringify(counts);

export const messageTable: Table<MessageDocument> = tableOf<MessageDocument>([
  ["id", "STRING", ({ _id }) => _id],
  ["acceptedAt", "TIMESTAMP", ({ acceptedAt }) => instant(acceptedAt)],
  ["tenant", "STRING", ({ tenant }) => tenant],
  ["channel", "STRING", ({ channel }) => channel],
  ["lane", "STRING", ({ lane }) => lane],
  ["to", "STRING", ({ to }) => to],
  ["template", "STRING", ({ template }) => template],
  ["country", "STRING", ({ country }) => country],
  ["region", "STRING", ({ region }) => region],
  ["status", "STRING", ({ status }) => status],
  ["final", "BOOLEAN", ({ final }) => final],
  ["reason", "STRING", ({ reason }) => reason],
  ["attempts", "INT64", ({ attempts }) => attempts],
  ["provider", "STRING", ({ provider }) => provider],
  ["engagement", "STRING", ({ engagement }) => engagement.join(" ")],
  ["notBefore", "TIMESTAMP", ({ notBefore }) => instant(notBefore)],
  ["sentAt", "TIMESTAMP", ({ sentAt }) => instant(sentAt)],
  ["finalAt", "TIMESTAMP", ({ finalAt }) => instant(finalAt)],
  ["expiresAt", "TIMESTAMP", ({ expiresAt }) => instant(expiresAt)],
  ["costs", "STRING", ({ costs }) => named(Object.fromEntries(Object.entries(costs).map(([name, sum]) => [name, sum / 1_000_000])))],
]);

const ends = ["delivered", "failed", "expired", "suppressed", "cancelled"] as const;

export const rollupTable: Table<RollupDocument> = tableOf<RollupDocument>([
  ["from", "TIMESTAMP", ({ from }) => instant(from)],
  ["tenant", "STRING", ({ tenant }) => tenant],
  ["channel", "STRING", ({ channel }) => channel],
  ["provider", "STRING", ({ provider }) => provider],
  ["lane", "STRING", ({ lane }) => lane],
  ["country", "STRING", ({ country }) => country],
  ["region", "STRING", ({ region }) => region],
  ["template", "STRING", ({ template }) => template],
  ["messages", "INT64", ({ messages }) => messages],
  ["attempts", "INT64", ({ attempts }) => attempts ?? 0],
  ...ends.map((end): Column<RollupDocument> => [end, "INT64", ({ statuses }) => statuses?.[end] ?? 0]),
  ["reasons", "STRING", ({ reasons }) => named(reasons ?? {})],
  ["engagements", "STRING", ({ engagements }) => named(engagements ?? {})],
  ["costs", "STRING", ({ costs }) => named(Object.fromEntries(Object.entries(costs ?? {}).map(([name, sum]) => [name, sum / 1_000_000])))],
  ["sendLatencyMs", "STRING", ({ toSent }) => named(toSent ?? {})],
  ["deliveryLatencyMs", "STRING", ({ toDelivered }) => named(toDelivered ?? {})],
]);

/** The columns of a collection. For documents of that collection only. */
export const tableFor = (collection: CollectionName): Table<DocumentOf<CollectionName>> =>
  (collection.startsWith("messages_") ? messageTable : rollupTable) as Table<DocumentOf<CollectionName>>;

export const usageTable: Table<UsageRow> = tableOf<UsageRow>([
  ["day", "STRING", ({ day }) => day],
  ["tenant", "STRING", ({ tenant }) => tenant],
  ["channel", "STRING", ({ channel }) => channel],
  ["messages", "INT64", ({ messages }) => messages],
  ["attempts", "INT64", ({ attempts }) => attempts],
  ...ends.map((end): Column<UsageRow> => [end, "INT64", (row) => row[end]]),
  ["costs", "STRING", ({ costs }) => named(costs)],
]);

/** A summary as a table: its dimensions, then its figures. */
export const summaryTable = (by: readonly string[]): Table<SummaryRow> =>
  tableOf<SummaryRow>([
    ...by.map((field): Column<SummaryRow> => [field, "STRING", (row) => row.by[field] ?? null]),
    ["messages", "INT64", ({ messages }) => messages],
    ...ends.map((end): Column<SummaryRow> => [end, "INT64", ({ statuses }) => statuses[end] ?? 0]),
    ["deliveryRate", "DOUBLE", ({ deliveryRate }) => deliveryRate],
    ["attempts", "INT64", ({ attempts }) => attempts],
    ["sendLatencyP50Ms", "INT64", ({ sendLatencyMs }) => sendLatencyMs?.p50 ?? null],
    ["sendLatencyP95Ms", "INT64", ({ sendLatencyMs }) => sendLatencyMs?.p95 ?? null],
    ["deliveryLatencyP50Ms", "INT64", ({ deliveryLatencyMs }) => deliveryLatencyMs?.p50 ?? null],
    ["deliveryLatencyP95Ms", "INT64", ({ deliveryLatencyMs }) => deliveryLatencyMs?.p95 ?? null],
    ["deliveryLatencyP99Ms", "INT64", ({ deliveryLatencyMs }) => deliveryLatencyMs?.p99 ?? null],
    ["costs", "STRING", ({ costs }) => named(costs)],
    ["reasons", "STRING", ({ reasons }) => named(reasons)],
  ]);
