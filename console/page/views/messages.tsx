import { Anchor, Button, Group, Paper, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";
import type { MessageView } from "../../../operations/message-view.js";
import type { ViewProps } from "../app.js";
import { go, useAsked, withParameters } from "../ask.js";
import { dueMsOf, instantText, spanText } from "../format.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { Scrolls } from "../parts/scrolls.js";
import { StatusBadge } from "../parts/status.js";

interface Found {
  readonly messages: readonly MessageView[];
  readonly next: string | null;
}

const everyMs = 5_000;
const singleStatuses = ["open", "delivered", "failed", "expired", "suppressed", "cancelled"];
const fields = ["q", "status", "channel", "provider", "template", "reason", "tenant", "from"] as const;

export const MessagesView = ({ about, query }: ViewProps) => {
  const given = Object.fromEntries(fields.map((field) => [field, query.get(field) ?? ""])) as Record<(typeof fields)[number], string>;
  const after = query.get("after");
  const [text, setText] = useState(given.q);
  useEffect(() => setText(given.q), [given.q]);
  const asked = useAsked<Found>(withParameters("/reports/messages", { ...given, after, limit: 50 }), after ? undefined : everyMs);
  const narrow = (change: Partial<typeof given>): void => go("/messages", { ...given, ...change });
  const search = (event: FormEvent): void => {
    event.preventDefault();
    narrow({ q: text.trim() });
  };
  const statuses = given.status === "" || singleStatuses.includes(given.status) ? singleStatuses : [given.status, ...singleStatuses];
  const others = (["template", "reason", "tenant", "from"] as const).filter((field) => given[field] !== "");
  return (
    <Stack>
      <Heading title="Messages" />
      <Paper withBorder p="md" component="form" onSubmit={search} role="search">
        <Group align="end" gap="sm">
          <TextInput
            label="Recipient or ID"
            placeholder="+919812345678, someone@example.com, 0190…"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            leftSection={<IconSearch size={16} aria-hidden />}
            style={{ flex: "1 1 260px" }}
          />
          <Select
            label="Status"
            data={statuses}
            value={given.status || null}
            onChange={(status) => narrow({ status: status ?? "" })}
            clearable
            placeholder="Any"
            w={140}
            clearButtonProps={{ "aria-label": "Any status" }}
          />
          <Select
            label="Channel"
            data={about.channels.map(({ name }) => name)}
            value={given.channel || null}
            onChange={(channel) => narrow({ channel: channel ?? "" })}
            clearable
            placeholder="Any"
            w={120}
            clearButtonProps={{ "aria-label": "Any channel" }}
          />
          <Button type="submit">Search</Button>
        </Group>
        {others.length > 0 && (
          <Group mt="sm" gap="xs">
            {others.map((field) => (
              <Button key={field} size="compact-sm" variant="default" onClick={() => narrow({ [field]: "" })}>
                {field}: {given[field]} ✕
              </Button>
            ))}
          </Group>
        )}
      </Paper>
      <Paper withBorder p="md">
        <Answer asked={asked}>
          {({ messages, next }) =>
            messages.length === 0 ? (
              <Nothing>No messages match. Search needs the complete recipient or ID.</Nothing>
            ) : (
              <>
                <Scrolls label="Messages">
                  <Table highlightOnHover>
                    <Table.Thead>
                      <Table.Tr>
                        <Table.Th>Accepted</Table.Th>
                        <Table.Th>To</Table.Th>
                        <Table.Th>Channel</Table.Th>
                        <Table.Th>Status</Table.Th>
                        <Table.Th>Reason</Table.Th>
                        <Table.Th className="numbers">Duration</Table.Th>
                      </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                      {messages.map((message) => (
                        <Table.Tr key={message.id}>
                          <Table.Td style={{ whiteSpace: "nowrap" }}>
                            <Anchor href={`#/messages/${encodeURIComponent(message.id)}`}>{instantText(message.acceptedAt)}</Anchor>
                          </Table.Td>
                          <Table.Td style={{ maxWidth: 260, overflowWrap: "anywhere" }}>{message.to}</Table.Td>
                          <Table.Td>
                            {message.channel}
                            <Text size="xs" c="var(--calm)">
                              {message.lane}
                              {message.template ? `, ${message.template}` : ""}
                            </Text>
                          </Table.Td>
                          <Table.Td>
                            <StatusBadge status={message.status} />
                          </Table.Td>
                          <Table.Td style={{ minWidth: 240 }}>
                            <Text size="sm">{message.reason ? (about.reasons[message.reason] ?? message.reason) : ""}</Text>
                          </Table.Td>
                          <Table.Td className="numbers" style={{ whiteSpace: "nowrap" }}>
                            {message.finalAt ? spanText(Math.max(0, Date.parse(message.finalAt) - dueMsOf(message))) : "in progress"}
                          </Table.Td>
                        </Table.Tr>
                      ))}
                    </Table.Tbody>
                  </Table>
                </Scrolls>
                <Group mt="md">
                  {after && (
                    <Button variant="default" onClick={() => go("/messages", given)}>
                      Newest
                    </Button>
                  )}
                  {next && (
                    <Button variant="default" onClick={() => go("/messages", { ...given, after: next })}>
                      Older
                    </Button>
                  )}
                </Group>
              </>
            )
          }
        </Answer>
      </Paper>
    </Stack>
  );
};
