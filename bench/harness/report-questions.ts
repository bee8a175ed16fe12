import { askedParameters } from "../../reports/asked.js";
import type { Reports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { summaryParameters } from "../../reports/summary.js";

/** The end of the history: the queries are about the days before. */
export const nowMs = Date.UTC(2026, 10, 22, 16, 20);
export const dayMs = 86_400_000;

/** A query. Its parameters vary by turn. */
export type Ask = (reports: Reports, turn: number) => Promise<unknown>;

const summary =
  (given: Record<string, string>): Ask =>
  (reports) =>
    reports.summarize(summaryParameters.parse(given), undefined);
const found =
  (given: (turn: number) => Record<string, string>): Ask =>
  (reports, turn) =>
    reports.search(searchParameters.parse(given(turn)), undefined);

/** The queries of docs/reports.md. */
export const rollupQuestions: Readonly<Record<string, Ask>> = {
  "one-time passwords to Kerala yesterday, by provider, how fast": summary({
    from: "yesterday",
    to: "today",
    by: "provider",
    template: "otp",
    region: "IN-KL",
    show: "statuses,latency",
  }),
  "deliveries by channel and day, 30 days": summary({ from: "-29d", by: "day,channel", show: "statuses" }),
  "why not delivered, by provider, 7 days": summary({ from: "-7d", by: "provider", show: "statuses,reasons" }),
  "cost by tenant, 30 days": summary({ from: "-29d", by: "tenant", show: "statuses,costs" }),
  "volume by lane and hour, 24 hours": summary({ from: "-24h", by: "hour,lane", show: "statuses" }),
  "latency by lane, 7 days": summary({ from: "2026-11-15", to: "2026-11-22", by: "lane", show: "statuses,latency" }),
  "messages by country, 7 days": summary({ from: "2026-11-15", to: "2026-11-22", by: "country", show: "statuses" }),
  "opens and clicks by template, 30 days": summary({
    from: "2026-10-24",
    to: "2026-11-22",
    by: "template",
    channel: "email",
    show: "statuses,engagements",
  }),
};

const instant = (turn: number): string => new Date(nowMs - (turn % 25) * dayMs).toISOString();

export const pageQuestions: Readonly<Record<string, Ask>> = {
  "failed messages of a tenant, the latest 50": found((turn) => ({
    status: "failed",
    tenant: ["bank", "shop", "travel"][turn % 3] ?? "bank",
    to: instant(turn),
  })),
  "all messages to a recipient": found((turn) => ({ q: `+9198${String((turn * 37) % 900).padStart(8, "0")}` })),
  "open messages": found(() => ({ status: "open" })),
  "of a template, for a reason": found((turn) => ({ template: "otp", reason: "no_receipt", to: instant(turn) })),
  "by a MongoDB filter on region and time, 100": (reports, turn) => {
    const filter = JSON.stringify({ region: "IN-KL", acceptedAt: { $lt: { $date: instant(turn) } } });
    return reports.page("messages_sms", askedParameters.parse({ filter, keys: '{"lineage":0}' }), undefined);
  },
  "a page far back, by its cursor": (reports, turn) =>
    reports.page("messages_email", askedParameters.parse({ after: `${instant(turn)},z`, keys: '{"lineage":0}' }), undefined),
  "how many failed in a day": (reports, turn) => {
    const begin = new Date(nowMs - (turn % 25) * dayMs);
    return reports.size(
      "messages_sms",
      [{ status: "failed", acceptedAt: { $gte: begin, $lt: new Date(begin.getTime() + dayMs) } }],
      undefined,
    );
  },
};
