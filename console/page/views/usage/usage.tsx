import { Anchor, Group, Paper, Stack, Title } from "@mantine/core";
import { useMemo } from "react";
import type { Usage } from "../../../../reports/usage.js";
import type { ViewProps } from "../../app.js";
import { go, useAsked, withParameters } from "../../ask.js";
import { countText } from "../../format.js";
import { Bars } from "../../parts/bars.js";
import { Answer, Heading, Nothing } from "../../parts/note.js";
import { TenantPicker } from "../../parts/tenant-picker.js";
import { TimeChart } from "../../parts/time-chart.js";
import { dateAfter, datesOf, periodOf, sumOf, sumsBy, type UsageSum } from "./usage-days.js";
import { UsageRange } from "./usage-range.js";
import { UsageTable } from "./usage-table.js";

const colors = ["var(--accent)", "var(--good)", "var(--warn)", "var(--bad)", "var(--calm)", "#1098ad"];

interface UsageChartProps {
  readonly dates: readonly string[];
  readonly days: readonly UsageSum[];
  readonly channels: readonly string[];
}

/** The messages of each day by channel. A day begins at midnight of the browser's time zone, so that its axis shows the date. */
const UsageChart = ({ dates, days, channels }: UsageChartProps) => {
  const lines = channels.slice(0, colors.length).map((channel, index) => ({
    label: channel,
    color: colors[index] ?? "var(--calm)",
    values: dates.map((date) => days.find(({ name }) => name === date)?.channels[channel] ?? 0),
  }));
  return (
    <TimeChart
      title="Messages by day and channel. The table below has the same numbers."
      times={dates.map((date) => Date.parse(`${date}T00:00:00`))}
      lines={lines}
      bars={lines.length === 1}
      text={countText}
    />
  );
};

interface UsageFoundProps {
  readonly usage: Usage;
  readonly csv: string;
}

const UsageFound = ({ usage, csv }: UsageFoundProps) => {
  const { items } = usage;
  const { days, dates, tenants, total } = useMemo(
    () => ({ days: sumsBy("day", items), dates: datesOf(usage), tenants: sumsBy("tenant", items), total: sumOf("total", items) }),
    [usage, items],
  );
  if (items.length === 0)
    return (
      <Paper withBorder p="md">
        <Nothing>No messages were accepted on these days.</Nothing>
      </Paper>
    );
  const channels = Object.keys(total.channels).sort();
  const largest = [...tenants].sort((one, other) => other.messages - one.messages).slice(0, mostTenants);
  return (
    <>
      <Paper withBorder p="md">
        <UsageChart dates={dates} days={days} channels={channels} />
      </Paper>
      <Paper withBorder p="md">
        <UsageTable days={days} total={total} channels={channels} />
        <Group mt="sm" justify="space-between">
          <span>Time zone: {usage.timeZone}</span>
          <Anchor href={csv} download="carillon-usage.csv">
            Export CSV
          </Anchor>
        </Group>
      </Paper>
      {tenants.length > 1 && (
        <Paper withBorder p="md">
          <Title order={2} size="h4" mb="sm">
            {tenants.length > mostTenants ? `The ${mostTenants} tenants with the most messages` : "Tenants"}
          </Title>
          <Bars
            label="Messages by tenant"
            bars={largest.map(({ name, messages }) => ({ name, value: messages, shown: countText(messages) }))}
          />
        </Paper>
      )}
    </>
  );
};

const mostTenants = 20;

/** The messages of a tenant, or of all tenants, by day and channel. */
export const UsageView = ({ session, query }: ViewProps) => {
  const [tenant, from, last] = [query.get("tenant"), query.get("from") ?? "", query.get("to") ?? ""];
  // midnight belongs to the day before
  const parameters = { tenant, from, to: dateAfter(last) };
  const asked = useAsked<Usage>(withParameters("/v1/usage", parameters));
  const period = asked.data && !asked.loading ? periodOf(asked.data) : { first: "", last: "" };
  return (
    <Stack>
      <Heading title="Usage" />
      <Paper withBorder p="md">
        <Group align="end">
          <TenantPicker session={session} path="/usage" tenant={tenant} unchosen="All tenants" given={{ from, to: last }} />
          <UsageRange
            first={from || period.first}
            last={last || period.last}
            choose={(first, end) => go("/usage", { tenant: tenant ?? "", from: first, to: end })}
          />
        </Group>
      </Paper>
      <Answer asked={asked}>
        {(usage) => <UsageFound usage={usage} csv={withParameters("/v1/usage", { ...parameters, format: "csv" })} />}
      </Answer>
    </Stack>
  );
};
