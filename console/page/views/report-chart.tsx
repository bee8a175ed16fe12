import type { Summary, SummaryRow } from "../../../reports/summary.js";
import { countText, shareText } from "../format.js";
import { Bars } from "../parts/bars.js";
import { TimeChart } from "../parts/time-chart.js";
import { times } from "./report-filters.js";

const nameOf = (row: SummaryRow, by: readonly string[]): string => by.map((field) => row.by[field] ?? "none").join(", ") || "all";

/** Messages over time if the report is grouped by a time, otherwise as bars. */
export const ReportChart = ({ summary, by }: { readonly summary: Summary; readonly by: readonly string[] }) => {
  const time = by.find((field) => times.includes(field));
  if (!time) {
    const bars = summary.rows.slice(0, 20).map((row) => ({
      name: nameOf(row, by),
      value: row.messages,
      shown: `${countText(row.messages)}, ${shareText(row.deliveryRate)} delivered`,
    }));
    return <Bars label={by.length === 0 ? "All messages" : `Messages by ${by.join(" and ")}`} bars={bars} />;
  }
  const instants = [...new Set(summary.rows.map((row) => row.by[time] ?? ""))].sort();
  const others = by.filter((field) => field !== time);
  const groups = [...new Set(summary.rows.map((row) => nameOf(row, others)))].slice(0, 6);
  const colors = ["var(--accent)", "var(--good)", "var(--warn)", "var(--bad)", "var(--calm)", "#1098ad"];
  const lines = groups.map((group, index) => ({
    label: group,
    color: colors[index] ?? "var(--calm)",
    values: instants.map((instant) =>
      summary.rows
        .filter((row) => row.by[time] === instant && nameOf(row, others) === group)
        .reduce((sum, { messages }) => sum + messages, 0),
    ),
  }));
  return (
    <TimeChart
      title={`Messages by ${by.join(" and ")}. The table below has the same numbers.`}
      times={instants.map((instant) => Date.parse(instant))}
      lines={lines}
      bars={lines.length === 1}
      height={240}
      text={countText}
    />
  );
};
