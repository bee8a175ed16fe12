import { checkMessage } from "../client/check-message.js";
import type { Limits } from "../client/limits.js";
import type { Config } from "../config/schema.js";
import { CarillonError } from "../schemas/errors.js";
import type { Accepter } from "../sources/accepter.js";
import { createCalendar } from "../stores/lineage-store/calendar.js";
import { encoderOf } from "./export/formats.js";
import { summaryTable } from "./export/tables.js";
import type { Reports } from "./reports.js";
import { type Summary, type SummaryRow, summaryParameters } from "./summary.js";

type Daily = Config["reports"]["daily"][number];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const share = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(1)}%`);
const seconds = (ms: number | undefined): string => (ms === undefined ? "–" : `${(ms / 1_000).toFixed(1)} s`);

const figuresOf = (row: SummaryRow): readonly string[] => [
  String(row.messages),
  String(row.statuses.delivered ?? 0),
  share(row.deliveryRate),
  String(row.statuses.failed ?? 0),
  String(row.statuses.expired ?? 0),
  seconds(row.deliveryLatencyMs?.p95),
];

const head = ["messages", "delivered", "share", "failed", "expired", "delivered, p95"];
const mostRows = 200;

const linesOf = (summary: Summary, by: readonly string[]): readonly (readonly string[])[] => [
  ...summary.rows.slice(0, mostRows).map((row) => [...by.map((field) => row.by[field] ?? "none"), ...figuresOf(row)]),
  [...by.map((_, index) => (index === 0 ? "all" : "")), ...figuresOf(summary.total)],
];

const cells = (line: readonly string[], tag: "th" | "td", texts: number): string =>
  line
    .map(
      (cell, index) =>
        `<${tag} style="padding:4px 10px;text-align:${index < texts ? "left" : "right"};border-bottom:1px solid #ddd">${escaped(cell)}</${tag}>`,
    )
    .join("");

const htmlOf = (title: string, summary: Summary, by: readonly string[]): string =>
  `<h2 style="font-family:sans-serif">${escaped(title)}</h2><table style="border-collapse:collapse;font:14px sans-serif"><tr>${cells([...by, ...head], "th", by.length)}</tr>${linesOf(
    summary,
    by,
  )
    .map((line) => `<tr>${cells(line, "td", by.length)}</tr>`)
    .join(
      "",
    )}</table><p style="font:13px sans-serif;color:#555">Resolution: day. Time zone: ${escaped(summary.timeZone)}. The attached file has all rows.</p>`;

const textOf = (title: string, summary: Summary, by: readonly string[]): string =>
  [title, "", [...by, ...head].join("  "), ...linesOf(summary, by).map((line) => line.join("  "))].join("\n");

/** Sends the previous day's report as one message for each recipient; repeated runs on the same day send nothing more. */
export const sendDaily = async (daily: Daily, reports: Reports, accepter: Accepter, limits: Limits): Promise<number> => {
  const given = summaryParameters.parse({ from: "yesterday", to: "today", by: daily.by.join(","), show: "statuses,latency,costs,reasons" });
  const summary = await reports.summarize(given, daily.only ?? undefined);
  const day = createCalendar(summary.timeZone).dateOf(new Date(summary.from));
  const title = `${daily.name}, ${day}: ${summary.total.messages} messages, ${share(summary.total.deliveryRate)} delivered`;
  const encoder = encoderOf("csv", summaryTable(daily.by));
  const file = Buffer.concat([encoder.page(summary.rows), encoder.end()]);
  const messages = daily.to.map((to) => {
    const { message, errors } = checkMessage(
      {
        channel: "email",
        to,
        lane: "bulk",
        idempotencyKey: `report:${daily.name}:${day}:${to}`,
        content: {
          subject: title,
          text: textOf(title, summary, daily.by),
          html: htmlOf(title, summary, daily.by),
          attachments: [{ filename: `${daily.name}-${day}.csv`, contentType: "text/csv", content: file }],
        },
      },
      limits,
    );
    if (!message)
      throw new CarillonError(
        "CONFIG_INVALID",
        `the report ${daily.name} cannot be sent: ${errors.map(({ field, problem }) => `${field} ${problem}`).join("; ")}`,
      );
    return message;
  });
  await accepter.accept(messages, daily.tenant);
  return messages.length;
};
