import { Table } from "@mantine/core";
import type { Summary, SummaryRow } from "../../../reports/summary.js";
import { countText, labelText, moneyText, shareText, spanText } from "../format.js";
import { Scrolls } from "../parts/scrolls.js";

const dateText = (at: string, unit: string): string =>
  new Intl.DateTimeFormat(
    "en-GB",
    unit === "hour" ? { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" } : { day: "2-digit", month: "short" },
  ).format(new Date(at));

const cell = (row: SummaryRow, field: string): string => {
  const value = row.by[field];
  if (value === null || value === undefined) return "none";
  return field === "hour" || field === "day" ? dateText(value, field) : value;
};

const Row = ({ row, by, strong = false }: { readonly row: SummaryRow; readonly by: readonly string[]; readonly strong?: boolean }) => (
  <Table.Tr fw={strong ? 700 : undefined}>
    {strong ? (
      <Table.Th scope="row" colSpan={Math.max(by.length, 1)}>
        Total
      </Table.Th>
    ) : (
      by.map((field) => <Table.Td key={field}>{cell(row, field)}</Table.Td>)
    )}
    <Table.Td className="numbers">{countText(row.messages)}</Table.Td>
    <Table.Td className="numbers">{countText(row.statuses.delivered ?? 0)}</Table.Td>
    <Table.Td className="numbers">{shareText(row.deliveryRate)}</Table.Td>
    <Table.Td className="numbers">{countText(row.statuses.failed ?? 0)}</Table.Td>
    <Table.Td className="numbers">{countText(row.statuses.expired ?? 0)}</Table.Td>
    <Table.Td className="numbers">{countText(row.attempts)}</Table.Td>
    <Table.Td className="numbers">{spanText(row.sendLatencyMs?.p95)}</Table.Td>
    <Table.Td className="numbers">
      {row.deliveryLatencyMs ? `${spanText(row.deliveryLatencyMs.p50)} / ${spanText(row.deliveryLatencyMs.p95)}` : "–"}
    </Table.Td>
    <Table.Td className="numbers">{moneyText(row.costs)}</Table.Td>
  </Table.Tr>
);

const mostRows = 200;

export const ReportTable = ({ summary, by }: { readonly summary: Summary; readonly by: readonly string[] }) => (
  <Scrolls label="Report">
    <Table horizontalSpacing={8}>
      <Table.Thead>
        <Table.Tr>
          {(by.length === 0 ? [""] : by).map((field) =>
            field === "" ? <Table.Td key="all" /> : <Table.Th key={field}>{labelText(field)}</Table.Th>,
          )}
          <Table.Th className="numbers">Messages</Table.Th>
          <Table.Th className="numbers">Delivered</Table.Th>
          <Table.Th className="numbers">Delivery rate</Table.Th>
          <Table.Th className="numbers">Failed</Table.Th>
          <Table.Th className="numbers">Expired</Table.Th>
          <Table.Th className="numbers">Attempts</Table.Th>
          <Table.Th className="numbers">Send time, p95</Table.Th>
          <Table.Th className="numbers">Delivery time, p50 / p95</Table.Th>
          <Table.Th className="numbers">Cost</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {by.length > 0 && summary.rows.slice(0, mostRows).map((row) => <Row key={JSON.stringify(row.by)} row={row} by={by} />)}
        <Row row={summary.total} by={by} strong />
      </Table.Tbody>
    </Table>
  </Scrolls>
);
