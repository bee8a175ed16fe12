import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ProviderView } from "../../../http/console/views.js";
import type { ViewProps } from "../app.js";
import { countText, shareText, spanText } from "../format.js";
import { Heading, Nothing } from "../parts/note.js";
import { StatusBadge } from "../parts/status.js";
import { TimeChart } from "../parts/time-chart.js";

const percent = (value: number): string => `${value.toFixed(value > 0 && value < 10 ? 1 : 0)}%`;

const Figure = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => (
  <div>
    <Text size="xs" c="var(--calm)" component="dt">
      {name}
    </Text>
    <Text size="sm" fw={600} component="dd" m={0}>
      {children}
    </Text>
  </div>
);

const breakerWords = { closed: "Closed", half_open: "Half-open: probing", open: "Open: no traffic" } as const;
const healthWords = { closed: "Healthy", half_open: "Circuit half-open", open: "Circuit open" } as const;

const Provider = ({ provider }: { readonly provider: ProviderView }) => {
  const { name, channel, type, health, history } = provider;
  const times = history.map(({ at }) => at);
  return (
    <Paper withBorder p="md" component="article" aria-label={`${name}, ${channel}`}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {name}
          <Text span c="var(--calm)" size="sm">
            {" "}
            {channel}
            {type === name ? "" : `, ${type}`}
          </Text>
        </Title>
        {health ? <StatusBadge status={health.breaker} label={healthWords[health.breaker]} /> : null}
      </Group>
      {health === null ? (
        <Nothing>No recent calls.</Nothing>
      ) : (
        <>
          <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="xs" component="dl" m={0} mb="md">
            <Figure name="Circuit breaker">{breakerWords[health.breaker]}</Figure>
            <Figure name="Effective weight">{shareText(health.share)}</Figure>
            <Figure name="Error rate">
              {health.calls === 0 ? "–" : `${shareText(health.failures / health.calls)} of ${countText(health.calls)} calls`}
            </Figure>
            <Figure name="Calls in flight">{countText(health.inFlight)}</Figure>
            <Figure name="Response time, p50 / p95">
              {health.responseP95Ms === 0 ? "–" : `${spanText(health.responseP50Ms)} / ${spanText(health.responseP95Ms)}`}
            </Figure>
            <Figure name="Receipt delay, p90">{health.receiptP90Ms === 0 ? "–" : spanText(health.receiptP90Ms)}</Figure>
          </SimpleGrid>
          {times.length > 1 && (
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <TimeChart
                title={`Error rate of ${name}, last 15 minutes`}
                times={times}
                height={130}
                lines={[
                  {
                    label: "error rate",
                    color: "var(--bad)",
                    values: history.map(({ errorShare }) => (errorShare === null ? null : errorShare * 100)),
                  },
                ]}
                text={percent}
                atLeast={10}
              />
              <TimeChart
                title={`Response time of ${name}, last 15 minutes`}
                times={times}
                height={130}
                lines={[
                  { label: "p95", color: "var(--accent)", values: history.map(({ responseP95Ms }) => responseP95Ms) },
                  { label: "p50", color: "var(--calm)", values: history.map(({ responseP50Ms }) => responseP50Ms) },
                ]}
                text={spanText}
              />
            </SimpleGrid>
          )}
        </>
      )}
    </Paper>
  );
};

export const ProvidersView = ({ live }: ViewProps) => (
  <Stack>
    <Heading title="Providers" />
    {live.view === undefined ? (
      <Nothing>Loading …</Nothing>
    ) : (
      live.view.providers.map((provider) => <Provider key={`${provider.channel}/${provider.name}`} provider={provider} />)
    )}
  </Stack>
);
