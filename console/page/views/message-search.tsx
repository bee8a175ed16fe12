import { Button, Group, Paper, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";

const singleStatuses = ["open", "delivered", "failed", "expired", "suppressed", "cancelled"];
const fields = ["q", "status", "channel", "provider", "template", "reason", "tenant", "from"] as const;

/** The filters of the messages shown, each empty if it does not apply. */
export type MessageFilters = Readonly<Record<(typeof fields)[number], string>>;

export const messageFiltersOf = (query: URLSearchParams): MessageFilters =>
  Object.fromEntries(fields.map((field) => [field, query.get(field) ?? ""])) as MessageFilters;

interface MessageSearchProps {
  readonly given: MessageFilters;
  readonly channels: readonly string[];
  readonly narrow: (change: Partial<MessageFilters>) => void;
}

export const MessageSearch = ({ given, channels, narrow }: MessageSearchProps) => {
  const [text, setText] = useState(given.q);
  useEffect(() => setText(given.q), [given.q]);
  const search = (event: FormEvent): void => {
    event.preventDefault();
    narrow({ q: text.trim() });
  };
  const statuses = given.status === "" || singleStatuses.includes(given.status) ? singleStatuses : [given.status, ...singleStatuses];
  const others = (["template", "reason", "tenant", "from"] as const).filter((field) => given[field] !== "");
  return (
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
          data={channels}
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
  );
};
