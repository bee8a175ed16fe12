import { z } from "zod";
import type { Calendar } from "../stores/lineage-store/calendar.js";
import type { LineageReader } from "../stores/lineage-store/lineage-store.js";
import { refusedQuery } from "../stores/lineage-store/query/refused-query.js";
import { type SummaryRow, summarize, summaryParameters } from "./summary.js";
import { instantOf } from "./times.js";

/** Parameters of the usage. */
export const usageParameters = z.strictObject({
  from: z.string().max(40).default("-30d").describe("give the first day: 2026-11-01, today, yesterday, -30d"),
  to: z
    .string()
    .max(40)
    .default("now")
    .describe("give the end, whose day is included: 2026-11-30T12:00:00Z, now; midnight belongs to the day before"),
});

export type UsageParameters = z.output<typeof usageParameters>;

const ends = ["delivered", "failed", "expired", "suppressed", "cancelled"] as const;

/** The messages that a tenant sent on a channel in a day. */
export interface UsageRow extends Readonly<Record<(typeof ends)[number], number>> {
  /** The date in the time zone of the reports: 2026-11-30. */
  readonly day: string;
  readonly tenant: string;
  readonly channel: string;
  /** Accepted messages, of which some may not have ended yet. */
  readonly messages: number;
  /** Calls of providers. */
  readonly attempts: number;
  /** By currency or `credit`, as providers state them. */
  readonly costs: Readonly<Record<string, number>>;
}

export interface Usage {
  /** The counted period, in whole days. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  /** IANA name of the zone in which the days begin. */
  readonly timeZone: string;
  /** In the order of day, tenant and channel. */
  readonly items: readonly UsageRow[];
}

const rowOf = ({ by, messages, attempts, statuses, costs }: SummaryRow, calendar: Calendar): UsageRow => ({
  day: calendar.dateOf(new Date(by.day ?? "")),
  tenant: by.tenant ?? "",
  channel: by.channel ?? "",
  ...{ messages, attempts },
  ...(Object.fromEntries(ends.map((end) => [end, statuses[end] ?? 0])) as Record<(typeof ends)[number], number>),
  costs,
});

const orderOf = ({ day, tenant, channel }: UsageRow): string => JSON.stringify([day, tenant, channel]);

/** The use of the installation by whole days, tenant and channel. `tenant`: restricts it to this tenant's. */
export const usageOf = async (
  reader: Pick<LineageReader, "sum">,
  given: UsageParameters,
  scope: { readonly tenant: string | undefined; readonly nowMs: number; readonly calendar: Calendar },
): Promise<Usage> => {
  const { nowMs, calendar } = scope;
  const [first, end] = [instantOf("from", given.from, nowMs, calendar), instantOf("to", given.to, nowMs, calendar)];
  if (first >= end) throw refusedQuery("from", "is not before to", "give an earlier from, or a later to");
  const from = calendar.beginOf("day", first);
  const to = calendar.nextDay(calendar.beginOf("day", new Date(end.getTime() - 1)));
  const by = "day,tenant,channel";
  const asked = summaryParameters.parse({ from: from.toISOString(), to: to.toISOString(), by, show: "statuses,costs" });
  const { rows, timeZone } = await summarize(reader, asked, scope);
  const items = rows.map((row) => rowOf(row, calendar)).sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  return { from: from.toISOString(), to: to.toISOString(), timeZone, items };
};
