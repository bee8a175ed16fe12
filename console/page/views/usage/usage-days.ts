import type { Usage, UsageRow } from "../../../../reports/usage.js";

/** The sums of some counts. */
export interface UsageSum extends Pick<UsageRow, "messages" | "attempts" | "delivered" | "costs"> {
  /** A date, or a tenant. */
  readonly name: string;
  /** Messages by channel. */
  readonly channels: Readonly<Record<string, number>>;
  /** Messages that ended in another way. */
  readonly undelivered: number;
}

const dayMs = 86_400_000;

const added = (sums: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>): Record<string, number> => {
  const all = { ...sums };
  for (const [name, count] of Object.entries(more)) all[name] = (all[name] ?? 0) + count;
  return all;
};

/** The sums of all rows. */
export const sumOf = (name: string, rows: readonly UsageRow[]): UsageSum => {
  let sum: UsageSum = { name, channels: {}, messages: 0, attempts: 0, delivered: 0, undelivered: 0, costs: {} };
  for (const { channel, messages, attempts, delivered, failed, expired, suppressed, cancelled, costs } of rows)
    sum = {
      name,
      channels: added(sum.channels, { [channel]: messages }),
      messages: sum.messages + messages,
      attempts: sum.attempts + attempts,
      delivered: sum.delivered + delivered,
      undelivered: sum.undelivered + failed + expired + suppressed + cancelled,
      costs: added(sum.costs, costs),
    };
  return sum;
};

/** The sums of each day, or of each tenant, in the order of the rows. */
export const sumsBy = (field: "day" | "tenant", rows: readonly UsageRow[]): readonly UsageSum[] => {
  const groups = new Map<string, UsageRow[]>();
  for (const row of rows) {
    const group = groups.get(row[field]);
    if (group) group.push(row);
    else groups.set(row[field], [row]);
  }
  return [...groups].map(([name, group]) => sumOf(name, group));
};

const dateIn = (timeZone: string, at: number): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

/** The date after another one. A text that is no date stays as it is, for the service to refuse it. */
export const dateAfter = (date: string): string => {
  const at = new Date(Date.parse(`${date}T00:00:00Z`) + dayMs);
  return Number.isNaN(at.getTime()) ? date : at.toISOString().slice(0, 10);
};

/** The first and the last date of the counted period, in its time zone. */
export const periodOf = ({
  from,
  to,
  timeZone,
}: Pick<Usage, "from" | "to" | "timeZone">): { readonly first: string; readonly last: string } => ({
  first: dateIn(timeZone, Date.parse(from)),
  last: dateIn(timeZone, Date.parse(to) - 1),
});

/** All dates of a period, also those without messages. */
export const datesOf = (usage: Pick<Usage, "from" | "to" | "timeZone">): readonly string[] => {
  const { first, last } = periodOf(usage);
  const dates: string[] = [];
  for (let date = first; date <= last; date = dateAfter(date)) dates.push(date);
  return dates;
};
