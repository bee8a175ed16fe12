import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

interface UsageRangeProps {
  /** The first and the last date that are shown, empty if they are unknown. */
  readonly first: string;
  readonly last: string;
  readonly choose: (first: string, last: string) => void;
}

/** Chooses the days of the usage, the last one included. */
export const UsageRange = ({ first, last, choose }: UsageRangeProps) => {
  const [typed, setTyped] = useState<{ readonly first?: string; readonly last?: string }>({});
  const chosen = { first, last, ...typed };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTyped({});
    choose(chosen.first, chosen.last);
  };
  return (
    <Group component="form" align="end" gap="xs" onSubmit={submit} aria-label="Time range">
      <TextInput
        type="date"
        label="From"
        value={chosen.first}
        max={chosen.last}
        onChange={(event) => setTyped({ ...typed, first: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label="To"
        value={chosen.last}
        min={chosen.first}
        onChange={(event) => setTyped({ ...typed, last: event.currentTarget.value })}
      />
      <Button type="submit" variant="default">
        Show days
      </Button>
    </Group>
  );
};
