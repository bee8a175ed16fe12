import { Anchor, Group, Paper, SimpleGrid, Stack, Title } from "@mantine/core";
import type { Summary } from "../../../reports/summary.js";
import type { ViewProps } from "../app.js";
import { go, useAsked, withParameters } from "../ask.js";
import { countText, words } from "../format.js";
import { Bars } from "../parts/bars.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { ReportChart } from "./report-chart.js";
import { filters, ReportFilters } from "./report-filters.js";
import { ReportTable } from "./report-table.js";

interface ReasonsProps {
  readonly counts: Summary["total"]["reasons"];
  /** The explanation of each reason, by its name. */
  readonly explanations: Readonly<Record<string, string>>;
}

const Reasons = ({ counts, explanations }: ReasonsProps) => {
  const found = Object.entries(counts).sort(([, one], [, other]) => other - one);
  if (found.length === 0) return <Nothing>No reasons: every completed message was delivered.</Nothing>;
  return (
    <Bars
      label="Messages by reason"
      bars={found.map(([reason, count]) => ({
        name: explanations[reason] ?? words(reason),
        value: count,
        shown: countText(count),
        color: "var(--bad)",
      }))}
    />
  );
};

export const ReportsView = ({ about, query }: ViewProps) => {
  const span = query.get("span") ?? "-24h|now";
  const by = (query.get("by") ?? "channel").split(",").filter((field) => field !== "");
  const [from = "-24h", to = "now"] = span.split("|");
  const given = Object.fromEntries(filters.map((field) => [field, query.get(field) ?? ""]));
  const parameters = { from, to, by: by.join(","), ...given };
  const asked = useAsked<Summary>(withParameters("/reports/summary", { ...parameters, show: "statuses,latency,costs" }));
  const reasons = useAsked<Summary>(withParameters("/reports/summary", { ...parameters, by: "", show: "reasons" }));
  const change = (next: Readonly<Record<string, string>>): void => go("/reports", { span, by: by.join(","), ...given, ...next });
  return (
    <Stack>
      <Heading title="Reports" />
      <ReportFilters span={span} by={by} given={given} change={change} />
      <Answer asked={asked}>
        {(summary) =>
          summary.total.messages === 0 ? (
            <Paper withBorder p="md">
              <Nothing>No messages were accepted in this time range.</Nothing>
            </Paper>
          ) : (
            <>
              <Paper withBorder p="md">
                <ReportChart summary={summary} by={by} />
              </Paper>
              <Paper withBorder p="md">
                <ReportTable summary={summary} by={by} />
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
          <Answer asked={reasons}>{({ total }) => <Reasons counts={total.reasons} explanations={about.reasons} />}</Answer>
        </Paper>
      </SimpleGrid>
    </Stack>
  );
};
