import { Anchor, Code, Group, Paper, SimpleGrid, Stack, Text, Timeline, Title } from "@mantine/core";
import { IconCheck, IconClock, IconPoint, IconX } from "@tabler/icons-react";
import type { MessageView as Message } from "../../../operations/message-view.js";
import type { ViewProps } from "../app.js";
import { useAsked } from "../ask.js";
import { dueMsOf, instantText, moneyText, spanText, words } from "../format.js";
import { Answer, Heading } from "../parts/note.js";
import { StatusBadge } from "../parts/status.js";

type Step = Message["lineage"][number];

/** A final message rarely changes: opened, clicked. */
const everyMs = (message: Message | undefined): number => (message?.final ? 15_000 : 1_000);

const failed = new Set(["failed", "expired"]);

const bulletOf = ({ status, reason }: Step) => {
  if (status === "delivered") return <IconCheck size={14} aria-hidden />;
  if (status !== null && failed.has(status)) return <IconX size={14} aria-hidden />;
  return reason ? <IconClock size={14} aria-hidden /> : <IconPoint size={14} aria-hidden />;
};

const colorOf = ({ status, reason }: Step): string => {
  if (status === "delivered") return "green";
  if (status !== null && failed.has(status)) return "red";
  return reason ? "orange" : "violet";
};

const Details = ({ details }: { readonly details: Step["details"] }) => {
  const { exchange, ...others } = details;
  const entries = Object.entries(others);
  return (
    <>
      {entries.length > 0 && (
        <Text size="sm" c="var(--calm)" style={{ overflowWrap: "anywhere" }}>
          {entries.map(([name, value]) => `${words(name)}: ${value}`).join(" · ")}
        </Text>
      )}
      {exchange && (
        <details>
          <summary>Provider request and response</summary>
          <Code block>{exchange}</Code>
        </details>
      )}
    </>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => (
  <div>
    <Text size="xs" c="var(--calm)" component="dt">
      {name}
    </Text>
    <Text size="sm" component="dd" m={0} style={{ overflowWrap: "anywhere" }}>
      {children}
    </Text>
  </div>
);

const Shown = ({ message, reasons }: { readonly message: Message; readonly reasons: Readonly<Record<string, string>> }) => {
  const begin = Date.parse(message.acceptedAt);
  const due = dueMsOf(message);
  return (
    <>
      <Paper withBorder p="md">
        <Group gap="sm" mb="xs">
          <StatusBadge status={message.status} />
          {message.engagement.map((event) => (
            <StatusBadge key={event} status={event} />
          ))}
        </Group>
        <Text fw={600} style={{ overflowWrap: "anywhere" }} data-testid="why">
          {message.why}
        </Text>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} mt="md" component="dl" spacing="sm">
          <Fact name="To">{message.to ?? "–"}</Fact>
          <Fact name="Channel, lane">
            {message.channel}, {message.lane}
          </Fact>
          <Fact name="Tenant">{message.tenant}</Fact>
          <Fact name="Template">{message.template ?? "–"}</Fact>
          <Fact name="Country, region">{[message.country, message.region].filter(Boolean).join(", ") || "–"}</Fact>
          <Fact name="Provider">{message.provider ?? "–"}</Fact>
          <Fact name="Attempts">{message.attempts}</Fact>
          <Fact name="Accepted">{instantText(message.acceptedAt)}</Fact>
          {message.notBefore && <Fact name="Scheduled for">{instantText(message.notBefore)}</Fact>}
          <Fact name="Time to send">{message.sentAt ? spanText(Date.parse(message.sentAt) - due) : "–"}</Fact>
          <Fact name="Time to final status">{message.finalAt ? spanText(Math.max(0, Date.parse(message.finalAt) - due)) : "–"}</Fact>
          <Fact name="Cost">{moneyText(message.costs)}</Fact>
          <Fact name="ID">{message.id}</Fact>
        </SimpleGrid>
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h4" mb="md">
          Lineage
        </Title>
        <Timeline bulletSize={24} lineWidth={2} active={message.lineage.length} aria-label="Lineage">
          {message.lineage.map((step) => (
            <Timeline.Item
              key={`${step.stage} ${step.outcome} ${step.attempt} ${step.at} ${JSON.stringify(step.details)}`}
              bullet={bulletOf(step)}
              color={colorOf(step)}
              title={`${words(step.stage)}: ${words(step.outcome === "ok" ? (step.status ?? "ok") : step.outcome)}${step.attempt > 0 ? `, attempt ${step.attempt}` : ""}`}
            >
              {step.reason && (
                <Text size="sm" fw={600}>
                  {reasons[step.reason] ?? step.reason} ({step.reason})
                </Text>
              )}
              <Details details={step.details} />
              <Text size="xs" c="var(--calm)">
                +{spanText(Math.max(0, Date.parse(step.at) - begin))} · {instantText(step.at)}
                {step.provider ? ` · ${step.provider}` : ""} · {step.instance}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      </Paper>
    </>
  );
};

export const MessageView = ({ id, about }: ViewProps & { readonly id: string }) => {
  const asked = useAsked<Message>(`/v1/messages/${encodeURIComponent(id)}`, everyMs);
  return (
    <Stack>
      <Heading title="Message" />
      <Anchor href="#/messages">All messages</Anchor>
      <Answer asked={asked}>{(message) => <Shown message={message} reasons={about.reasons} />}</Answer>
    </Stack>
  );
};
