import { z } from "zod";
import type { Calendar } from "../stores/lineage-store/calendar.js";
import { type CountedByName, type Dimension, dimensions } from "../stores/lineage-store/dimensions.js";
import type { LineageReader, RollupBy, RollupKind, RollupSum } from "../stores/lineage-store/lineage-store.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";
import { anyList, listForm } from "./parameters.js";
import { type Percentiles, percentilesOf } from "./percentiles.js";
import { instantOf } from "./times.js";

const units = ["hour", "day"] as const;
const by = z.enum([...dimensions, ...units]);
const mostBy = 4;
const figures = ["statuses", "latency", "reasons", "engagements", "costs"] as const;

/** Parameters of a summary. */
export const summaryParameters = z.strictObject({
  from: z.string().max(40).default("-24h").describe("give the start: 2026-11-21, 2026-11-21T09:00:00Z, today, yesterday, -24h, -7d"),
  to: z.string().max(40).default("now").describe("give the end, exclusive: 2026-11-21, today, -24h, now"),
  by: anyList
    .pipe(z.array(by).max(mostBy))
    .meta(listForm(by.options, mostBy))
    .default([])
    .describe(`give at most ${mostBy} of ${[...dimensions, ...units].join(", ")}`),
  show: anyList
    .pipe(z.array(z.enum(figures)).max(figures.length))
    .meta(listForm(figures, figures.length))
    .default(["statuses", "latency", "costs"])
    .describe(`give figures of ${figures.join(", ")}`),
  ...(Object.fromEntries(
    dimensions.map((dimension) => [
      dimension,
      anyList.optional().describe(`give values, separated by commas; "none" selects messages without one`),
    ]),
  ) as Record<Dimension, z.ZodOptional<typeof anyList>>),
});

export type SummaryParameters = z.output<typeof summaryParameters>;

/** Figures of a group of messages. */
export interface SummaryRow {
  readonly by: Readonly<Record<string, string | null>>;
  readonly messages: number;
  readonly attempts: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Delivered messages as a fraction of all final ones, 0 to 1; null if none is final. */
  readonly deliveryRate: number | null;
  readonly reasons: Readonly<Record<string, number>>;
  readonly engagements: Readonly<Record<string, number>>;
  /** By currency or `credit`. */
  readonly costs: Readonly<Record<string, number>>;
  /** From acceptance (or notBefore) until a provider accepted the message, in milliseconds. */
  readonly sendLatencyMs: Percentiles | null;
  /** Until delivery was confirmed. */
  readonly deliveryLatencyMs: Percentiles | null;
}

export interface Summary {
  /** The counted period: whole hours or days that contain the requested one. */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly unit: "hour" | "day";
  readonly total: SummaryRow;
  readonly rows: readonly SummaryRow[];
}

const dayMs = 86_400_000;
/** Longer spans are counted by day, unless hours are requested. */
const hourlyDays = 3;
const mostHourlyDays = 31;
const mostDays = 800;

const measuresOf = (show: readonly string[]): CountedByName[] => [
  "statuses",
  ...(show.includes("reasons") ? (["reasons"] as const) : []),
  ...(show.includes("engagements") ? (["engagements"] as const) : []),
  ...(show.includes("costs") ? (["costs"] as const) : []),
  ...(show.includes("latency") ? (["toSent", "toDelivered"] as const) : []),
];

const sumOf = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sums = new Map<string, number>();
  for (const record of records) for (const [name, count] of Object.entries(record)) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
};

const total = (sums: readonly RollupSum[]): RollupSum => ({
  by: {},
  messages: sums.reduce((sum, { messages }) => sum + messages, 0),
  attempts: sums.reduce((sum, { attempts }) => sum + attempts, 0),
  statuses: sumOf(sums.map(({ statuses }) => statuses)),
  reasons: sumOf(sums.map(({ reasons }) => reasons)),
  engagements: sumOf(sums.map(({ engagements }) => engagements)),
  costs: sumOf(sums.map(({ costs }) => costs)),
  toSent: sumOf(sums.map(({ toSent }) => toSent)),
  toDelivered: sumOf(sums.map(({ toDelivered }) => toDelivered)),
});

const ends = ["delivered", "failed", "expired", "suppressed", "cancelled"];

const rowOf = (sum: RollupSum, named: SummaryRow["by"]): SummaryRow => {
  const ended = ends.reduce((count, status) => count + (sum.statuses[status] ?? 0), 0);
  return {
    by: named,
    messages: sum.messages,
    attempts: sum.attempts,
    statuses: sum.statuses,
    deliveryRate: ended === 0 ? null : (sum.statuses.delivered ?? 0) / ended,
    reasons: sum.reasons,
    engagements: sum.engagements,
    costs: Object.fromEntries(Object.entries(sum.costs).map(([name, millionths]) => [name, millionths / 1_000_000])),
    sendLatencyMs: percentilesOf(sum.toSent),
    deliveryLatencyMs: percentilesOf(sum.toDelivered),
  };
};

interface Question {
  readonly from: Date;
  readonly to: Date;
  readonly unit: "hour" | "day";
  readonly kind: RollupKind;
}

const asksPlaces = (given: SummaryParameters): boolean =>
  given.by.some((field) => field === "country" || field === "region") || given.country !== undefined || given.region !== undefined;

/** By hour if requested or needed, else by day. Uses totals over all places if no place is requested. */
const questionOf = (given: SummaryParameters, nowMs: number, calendar: Calendar): Question => {
  const [from, to] = [instantOf("from", given.from, nowMs, calendar), instantOf("to", given.to, nowMs, calendar)];
  if (from >= to) throw refusedQuery("from", "is not before to", "give an earlier from, or a later to");
  const isDay = (at: Date): boolean => calendar.beginOf("day", at).getTime() === at.getTime();
  const days = (to.getTime() - from.getTime()) / dayMs;
  const wholeDays = isDay(from) && (isDay(to) || given.to === "now");
  const unit = given.by.includes("hour") || (!wholeDays && days <= hourlyDays) ? "hour" : "day";
  if (unit === "hour" && days > mostHourlyDays)
    throw refusedQuery("by", `covers more than ${mostHourlyDays} days by hour`, "group by day, or use a shorter time range");
  if (days > mostDays) throw refusedQuery("from", `is more than ${mostDays} days before to`, "use a shorter time range");
  const last = calendar.beginOf(unit, new Date(to.getTime() - 1));
  const end = unit === "hour" ? calendar.beginOf("hour", new Date(last.getTime() + 3_600_000)) : calendar.nextDay(last);
  const span = unit === "hour" ? "hourly" : "daily";
  return { from: calendar.beginOf(unit, from), to: end, unit, kind: asksPlaces(given) ? span : (`${span}_totals` as const) };
};

const noneOr = (value: string): string | null => (value === "none" ? null : value);

/** Sums of events, from the rollups. `tenant`: restricts them to this tenant's. */
export const summarize = async (
  reader: Pick<LineageReader, "sum">,
  given: SummaryParameters,
  { tenant, nowMs, calendar }: { readonly tenant: string | undefined; readonly nowMs: number; readonly calendar: Calendar },
): Promise<Summary> => {
  const { from, to, unit, kind } = questionOf(given, nowMs, calendar);
  const wanted = dimensions.flatMap((dimension) => {
    const values = given[dimension];
    return values === undefined ? [] : [{ [dimension]: { $in: values.map(noneOr) } }];
  });
  const filter = { $and: [{ from: { $gte: from, $lt: to } }, ...wanted, ...(tenant === undefined ? [] : [{ tenant }])] };
  const fields: RollupBy[] = given.by.map((field) => (field === "hour" || field === "day" ? "from" : field));
  const sums = await reader.sum(`rollups_${kind}`, filter, { by: [...new Set(fields)], measures: measuresOf(given.show) });
  const named = (sum: RollupSum): SummaryRow["by"] =>
    Object.fromEntries(
      given.by.map((field) => {
        if (field !== "hour" && field !== "day") return [field, sum.by[field] as string | null];
        const begin = sum.by.from as Date;
        return [field, (field === "hour" ? begin : calendar.beginOf("day", begin)).toISOString()];
      }),
    );
  // hourly sums requested by day are added up again
  const groups = new Map<string, RollupSum[]>();
  for (const sum of sums) {
    const key = JSON.stringify(named(sum));
    groups.set(key, [...(groups.get(key) ?? []), sum]);
  }
  const rows = [...groups].map(([key, group]) => rowOf(total(group), JSON.parse(key) as SummaryRow["by"]));
  const time = given.by.find((field) => field === "hour" || field === "day");
  rows.sort((one, other) =>
    time && one.by[time] !== other.by[time] ? String(one.by[time]).localeCompare(String(other.by[time])) : other.messages - one.messages,
  );
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    timeZone: calendar.timeZone,
    unit,
    total: rowOf(total(sums), {}),
    rows,
  };
};
