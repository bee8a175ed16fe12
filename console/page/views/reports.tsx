import { Anchor, Button, Group, MultiSelect, Paper, Select, SimpleGrid, Stack, Table, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import type { Summary, SummaryRow } from "../../../reports/summary.js";
import type { ViewProps } from "../app.js";
import { go, useAsked, withParameters } from "../ask.js";
import { countText, labelText, moneyText, shareText, spanText, words } from "../format.js";
import { Bars } from "../parts/bars.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { Scrolls } from "../parts/scrolls.js";
import { TimeChart } from "../parts/time-chart.js";

const spans = [
  { value: "today|now", label: "Today" },
  { value: "yesterday|today", label: "Yesterday" },
  { value: "-24h|now", label: "Last 24 hours" },
  { value: "-7d|now", label: "Last 7 days" },
  { value: "-30d|now", label: "Last 30 days" },
];
const dimensions = ["channel", "provider", "lane", "tenant", "template", "country", "region"] as const;
const times = ["hour", "day"];
const filters = ["channel", "provider", "tenant", "template", "country", "region", "lane"] as const;

const nameOf = (row: SummaryRow, by: readonly string[]): string => by.map((field) => row.by[field] ?? "none").join(", ") || "all";

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

const Chart = ({ summary, by }: { readonly summary: Summary; readonly by: readonly string[] }) => {
  const time = by.find((field) => times.includes(field));
  if (!time) {
    const bars = summary.rows.slice(0, 20).map((row) => ({
      name: nameOf(row, by),
      value: row.messages,
      shown: `${countText(row.messages)}, ${shareText(row.deliveredShare)} delivered`,
    }));
    return <Bars label={by.length === 0 ? "All messages" : `Messages by ${by.join(" and ")}`} bars={bars} />;
  }
  const instants = [...new Set(summary.rows.map((row) => row.by[time] ?? ""))].sort();
  const others = by.filter((field) => field !== time);
  const groups = [...new Set(summary.rows.map((row) => nameOf(row, others)))].slice(0, 6);
  const colours = ["var(--accent)", "var(--good)", "var(--warn)", "var(--bad)", "var(--calm)", "#1098ad"];
  const lines = groups.map((group, index) => ({
    label: group,
    colour: colours[index] ?? "var(--calm)",
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
    <Table.Td className="numbers">{shareText(row.deliveredShare)}</Table.Td>
    <Table.Td className="numbers">{countText(row.statuses.failed ?? 0)}</Table.Td>
    <Table.Td className="numbers">{countText(row.statuses.expired ?? 0)}</Table.Td>
    <Table.Td className="numbers">{countText(row.attempts)}</Table.Td>
    <Table.Td className="numbers">{spanText(row.toSentMs?.p95)}</Table.Td>
    <Table.Td className="numbers">
      {row.toDeliveredMs ? `${spanText(row.toDeliveredMs.p50)} / ${spanText(row.toDeliveredMs.p95)}` : "–"}
    </Table.Td>
    <Table.Td className="numbers">{moneyText(row.costs)}</Table.Td>
  </Table.Tr>
);

const mostRows = 200;

const Figures = ({ summary, by }: { readonly summary: Summary; readonly by: readonly string[] }) => (
  <Scrolls label="Report">
    <Table>
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

export const ReportsView = ({ about, query }: ViewProps) => {
  const span = query.get("span") ?? "-24h|now";
  const by = (query.get("by") ?? "channel").split(",").filter((field) => field !== "");
  const [from = "-24h", to = "now"] = span.split("|");
  const given = Object.fromEntries(filters.map((field) => [field, query.get(field) ?? ""]));
  const [field, setField] = useState<string>("template");
  const [value, setValue] = useState("");
  const parameters = { from, to, by: by.join(","), ...given };
  const asked = useAsked<Summary>(withParameters("/reports/summary", { ...parameters, show: "statuses,latency,costs" }));
  const reasons = useAsked<Summary>(withParameters("/reports/summary", { ...parameters, by: "", show: "reasons" }));
  const change = (next: Record<string, string>): void => go("/reports", { span, by: by.join(","), ...given, ...next });
  return (
    <Stack>
      <Heading title="Reports" />
      <Paper withBorder p="md">
        <Group align="end">
          <Select
            label="Time range"
            data={spans}
            value={span}
            onChange={(next) => change({ span: next ?? "-24h|now" })}
            allowDeselect={false}
            w={170}
          />
          <MultiSelect
            label="Group by"
            data={[...dimensions, ...times]}
            value={by}
            onChange={(next) => change({ by: next.join(",") })}
            maxValues={3}
            w={320}
            placeholder={by.length === 0 ? "No grouping" : undefined}
          />
          <Group
            align="end"
            gap="xs"
            component="form"
            onSubmit={(event: React.FormEvent) => {
              event.preventDefault();
              change({ [field]: value });
              setValue("");
            }}
          >
            <Select
              label="Filter"
              data={[...filters]}
              value={field}
              onChange={(next) => setField(next ?? "template")}
              allowDeselect={false}
              w={130}
            />
            <TextInput label="Value" placeholder="otp" value={value} onChange={(event) => setValue(event.currentTarget.value)} w={140} />
            <Button type="submit" variant="default">
              Add filter
            </Button>
          </Group>
        </Group>
        <Group mt="sm" gap="xs">
          {filters
            .filter((name) => given[name] !== "")
            .map((name) => (
              <Button key={name} size="compact-sm" variant="default" onClick={() => change({ [name]: "" })}>
                {name}: {given[name]} ✕
              </Button>
            ))}
        </Group>
      </Paper>
      <Answer asked={asked}>
        {(summary) =>
          summary.total.messages === 0 ? (
            <Paper withBorder p="md">
              <Nothing>No messages were accepted in this time range.</Nothing>
            </Paper>
          ) : (
            <>
              <Paper withBorder p="md">
                <Chart summary={summary} by={by} />
              </Paper>
              <Paper withBorder p="md">
                <Figures summary={summary} by={by} />
                <Group mt="sm" justify="space-between">
                  <span>
                    Resolution: {summary.unit}, time zone: {summary.timeZone}
                  </span>
                  <Anchor href={withParameters("/reports/summary", { ...parameters, format: "csv" })} download="carillon-report.csv">
                    Export CSV
                  </Anchor>
                </Group>
              </Paper>
            </>
          )
        }
      </Answer>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Paper withBorder p="md">
          <Title order={2} size="h4" mb="sm">
            Reasons for non-delivery
          </Title>
          <Answer asked={reasons}>
            {({ total }) => {
              const found = Object.entries(total.reasons).sort(([, one], [, other]) => other - one);
              if (found.length === 0) return <Nothing>No reasons: every completed message was delivered.</Nothing>;
              return (
                <Bars
                  label="Messages by reason"
                  bars={found.map(([reason, count]) => ({
                    name: about.reasons[reason] ?? words(reason),
                    value: count,
                    shown: countText(count),
                    colour: "var(--bad)",
                  }))}
                />
              );
            }}
          </Answer>
        </Paper>
      </SimpleGrid>
    </Stack>
  );
};
