import { Button, Group, MultiSelect, Paper, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

const spans = [
  { value: "today|now", label: "Today" },
  { value: "yesterday|today", label: "Yesterday" },
  { value: "-24h|now", label: "Last 24 hours" },
  { value: "-7d|now", label: "Last 7 days" },
  { value: "-30d|now", label: "Last 30 days" },
];
const dimensions = ["channel", "provider", "lane", "tenant", "template", "country", "region"] as const;
/** The dimensions that are times. */
export const times = ["hour", "day"];
export const filters = ["channel", "provider", "tenant", "template", "country", "region", "lane"] as const;

type Change = (next: Readonly<Record<string, string>>) => void;

const AddFilter = ({ add }: { readonly add: Change }) => {
  const [field, setField] = useState<string>("template");
  const [value, setValue] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add({ [field]: value });
    setValue("");
  };
  return (
    <Group align="end" gap="xs" component="form" onSubmit={submit}>
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
  );
};

interface ReportFiltersProps {
  readonly span: string;
  readonly by: readonly string[];
  /** The value of each filter, empty if it does not apply. */
  readonly given: Readonly<Record<string, string>>;
  readonly change: Change;
}

export const ReportFilters = ({ span, by, given, change }: ReportFiltersProps) => (
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
        value={[...by]}
        onChange={(next) => change({ by: next.join(",") })}
        maxValues={3}
        w={320}
        placeholder={by.length === 0 ? "No grouping" : undefined}
      />
      <AddFilter add={change} />
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
);
