import { Anchor, Paper, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { QueueView } from "../../../http/console/views.js";
import type { Summary } from "../../../reports/summary.js";
import type { ViewProps } from "../app.js";
import { useAsked } from "../ask.js";
import { countText, rateText, shareText, spanText, words } from "../format.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { Scrolls } from "../parts/scrolls.js";
import { TimeChart } from "../parts/time-chart.js";
import { TopologyGraph } from "../parts/topology-graph.js";

const everyMs = 10_000;

const Tile = ({
  name,
  value,
  more,
  href,
}: {
  readonly name: string;
  readonly value: string;
  readonly more?: ReactNode;
  readonly href?: string;
}) => (
  <Paper withBorder p="sm">
    <Text size="sm" c="var(--calm)">
      {name}
    </Text>
    <Text size="xl" fw={700} className="numbers" ta="left">
      {href ? (
        <Anchor href={href} inherit>
          {value}
        </Anchor>
      ) : (
        value
      )}
    </Text>
    {more && <div className="tile-more">{more}</div>}
  </Paper>
);

const total = (queues: readonly QueueView[], of: (queue: QueueView) => number): number => queues.reduce((sum, queue) => sum + of(queue), 0);
const oldest = (queues: readonly QueueView[]): number | null => {
  const ages = queues.flatMap(({ oldestMs }) => oldestMs ?? []);
  return ages.length > 0 ? Math.max(...ages) : null;
};

/** A process has no figures of its queues until it has first measured them, some seconds after its start. */
const notMeasured = "–";
const laneColumns = ["Intake queue depth", "Dispatch queue depth", "Oldest", "Accepted", "Dispatched", "Partitions", "Consumers"];

const Lanes = ({ lanes, queues }: { readonly lanes: readonly string[]; readonly queues: readonly QueueView[] }) => (
  <Scrolls label="Lanes">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Lane</Table.Th>
          {laneColumns.map((name) => (
            <Table.Th key={name} className="numbers">
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lanes.map((lane) => {
          const own = queues.filter((queue) => queue.lane === lane);
          const [intake, dispatch] = [own.filter(({ begins }) => begins === "message"), own.filter(({ begins }) => begins === "attempt")];
          const cells = [
            countText(total(intake, ({ lag }) => lag)),
            countText(total(dispatch, ({ lag }) => lag)),
            spanText(oldest(own)),
            rateText(total(intake, ({ inPerSecond }) => inPerSecond)),
            rateText(total(dispatch, ({ outPerSecond }) => outPerSecond)),
            countText(total(own, ({ partitions }) => partitions)),
            countText(total(own, ({ consumers }) => consumers)),
          ];
          return (
            <Table.Tr key={lane}>
              <Table.Th scope="row">{lane}</Table.Th>
              {laneColumns.map((name, index) => (
                <Table.Td key={name} className="numbers">
                  {own.length > 0 ? cells[index] : notMeasured}
                </Table.Td>
              ))}
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

const Queues = ({ queues }: { readonly queues: readonly QueueView[] }) => (
  <Scrolls label="Queues">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Topic</Table.Th>
          <Table.Th>Consumer</Table.Th>
          <Table.Th className="numbers">Queue depth</Table.Th>
          <Table.Th className="numbers">Oldest</Table.Th>
          <Table.Th className="numbers">Throughput in</Table.Th>
          <Table.Th className="numbers">Throughput out</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {queues.map(({ topic, subTopology, lag, oldestMs, inPerSecond, outPerSecond }) => (
          <Table.Tr key={`${subTopology} ${topic}`}>
            <Table.Th scope="row" fw={400}>
              {topic}
            </Table.Th>
            <Table.Td>{words(subTopology)}</Table.Td>
            <Table.Td className="numbers">{countText(lag)}</Table.Td>
            <Table.Td className="numbers">{spanText(oldestMs)}</Table.Td>
            <Table.Td className="numbers">{rateText(inPerSecond)}</Table.Td>
            <Table.Td className="numbers">{rateText(outPerSecond)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

const hourMs = 3_600_000;

const Day = ({ summary }: { readonly summary: Summary }) => {
  if (summary.total.messages === 0) return <Nothing>No messages were accepted in the last 24 hours. Send one to see it here.</Nothing>;
  const begin = Date.parse(summary.from);
  const hours = Array.from({ length: Math.round((Date.parse(summary.to) - begin) / hourMs) }, (_, index) => begin + index * hourMs);
  const rows = new Map(summary.rows.map((row) => [Date.parse(row.by.hour ?? ""), row]));
  const of = (status: string) => hours.map((hour) => rows.get(hour)?.statuses[status] ?? 0);
  return (
    <TimeChart
      title="Messages accepted in the last 24 hours, by hour and status"
      times={hours}
      lines={[
        { label: "accepted", color: "var(--accent)", values: hours.map((hour) => rows.get(hour)?.messages ?? 0) },
        { label: "delivered", color: "var(--good)", values: of("delivered") },
        { label: "failed", color: "var(--bad)", values: of("failed") },
        { label: "expired", color: "var(--warn)", values: of("expired") },
      ]}
      text={countText}
    />
  );
};

export const OverviewView = ({ about, installation, live }: ViewProps) => {
  const day = useAsked<Summary>("/reports/summary?from=-24h&by=hour&show=statuses,latency", everyMs);
  const queues = live.view?.queues ?? [];
  const onTheWay = queues.filter(({ begins }) => begins !== null);
  const figures = day.data?.total;
  const ended = ["delivered", "failed", "expired", "suppressed", "cancelled"].reduce(
    (sum, status) => sum + (figures?.statuses[status] ?? 0),
    0,
  );
  const open = (figures?.messages ?? 0) - ended;
  return (
    <Stack>
      <Heading title="Overview" />
      <SimpleGrid cols={{ base: 2, md: 3, lg: 6 }}>
        <Tile name="Accepted, 24 h" value={figures ? countText(figures.messages) : notMeasured} />
        <Tile
          name="Delivery rate"
          value={figures ? shareText(figures.deliveryRate) : notMeasured}
          more={figures?.deliveryLatencyMs ? `p95 latency ${spanText(figures.deliveryLatencyMs.p95)}` : undefined}
        />
        <Tile name="In progress" value={figures ? countText(open) : notMeasured} href="#/messages?status=open" />
        <Tile
          name="Failed or expired"
          value={figures ? countText((figures.statuses.failed ?? 0) + (figures.statuses.expired ?? 0)) : notMeasured}
          href="#/messages?status=failed,expired"
        />
        <Tile
          name="Queue depth"
          value={queues.length > 0 ? countText(total(onTheWay, ({ lag }) => lag)) : notMeasured}
          more={queues.length > 0 ? `oldest ${spanText(oldest(onTheWay))}` : undefined}
        />
        <Tile name="Dead letters" value={live.view ? countText(live.view.deadLetters) : notMeasured} href="#/dead-letters" />
      </SimpleGrid>
      <Paper withBorder p="md">
        <Title order={2} size="h4" mb="xs">
          Topology
        </Title>
        <Scrolls label="Topology">
          {installation?.topologies.map((description) => (
            <TopologyGraph key={description.name} description={description} queues={queues} />
          ))}
        </Scrolls>
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h4" mb="xs">
          Lanes
        </Title>
        <Lanes lanes={about.lanes} queues={queues} />
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h4" mb="xs">
          Last 24 hours
        </Title>
        <Answer asked={day}>{(summary) => <Day summary={summary} />}</Answer>
      </Paper>
      <Paper withBorder p="md" component="details">
        <Title order={2} size="h4" component="summary" style={{ cursor: "pointer" }}>
          Queues
        </Title>
        <Queues queues={queues} />
      </Paper>
    </Stack>
  );
};
