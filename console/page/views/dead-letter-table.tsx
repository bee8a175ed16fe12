import { Checkbox, Table, Text } from "@mantine/core";
import type { Dispatch, SetStateAction } from "react";
import type { DeadLetterView } from "../../../http/console/views.js";
import { countText, instantText } from "../format.js";
import { Scrolls } from "../parts/scrolls.js";
import { StatusBadge } from "../parts/status.js";

const printable = (hex: string): string =>
  (hex.match(/../g) ?? [])
    .map((pair) => Number.parseInt(pair, 16))
    .map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : "·"))
    .join("");

export const stateWords = { pending: "Pending", redriven: "Retried", discarded: "Discarded" } as const;

interface DeadLetterRowProps {
  readonly letter: DeadLetterView;
  readonly chosen: boolean;
  readonly choose: (chosen: boolean) => void;
}

const DeadLetterRow = ({ letter, chosen, choose }: DeadLetterRowProps) => (
  <Table.Tr>
    <Table.Td>
      {letter.state === "pending" && (
        <Checkbox aria-label={`Select ${letter.id}`} checked={chosen} onChange={(event) => choose(event.currentTarget.checked)} />
      )}
    </Table.Td>
    <Table.Td style={{ whiteSpace: "nowrap" }}>{instantText(letter.at)}</Table.Td>
    <Table.Td>
      {letter.stage}
      <Text size="xs" c="var(--calm)" style={{ overflowWrap: "anywhere" }}>
        {letter.topic}
      </Text>
    </Table.Td>
    <Table.Td style={{ minWidth: 260 }}>
      <Text size="sm" fw={600}>
        {letter.code}
      </Text>
      <Text size="sm">{letter.message}</Text>
      <details>
        <summary>Original record, {countText(letter.bytes)} bytes</summary>
        <pre className="bytes">{printable(letter.head)}</pre>
        <pre className="bytes">{letter.head.replaceAll(/(..)/g, "$1 ")}</pre>
      </details>
    </Table.Td>
    <Table.Td>
      <StatusBadge status={letter.state} label={stateWords[letter.state]} />
      {letter.reason && <Text size="xs">{letter.reason}</Text>}
    </Table.Td>
  </Table.Tr>
);

interface Choice {
  /** The IDs of the chosen dead letters. */
  readonly chosen: readonly string[];
  readonly choose: Dispatch<SetStateAction<readonly string[]>>;
}

const SelectAll = ({ pending, chosen, choose }: Choice & { readonly pending: readonly string[] }) => (
  <Checkbox
    aria-label="Select all pending"
    checked={chosen.length > 0 && chosen.length === pending.length}
    indeterminate={chosen.length > 0 && chosen.length < pending.length}
    onChange={(event) => choose(event.currentTarget.checked ? pending : [])}
  />
);

export const DeadLetterTable = ({ letters, chosen, choose }: Choice & { readonly letters: readonly DeadLetterView[] }) => {
  const pending = letters.filter((letter) => letter.state === "pending").map(({ id }) => id);
  return (
    <Scrolls label="Dead letters">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <SelectAll pending={pending} chosen={chosen} choose={choose} />
            </Table.Th>
            <Table.Th>Dead-lettered</Table.Th>
            <Table.Th>Stage, topic</Table.Th>
            <Table.Th>Error</Table.Th>
            <Table.Th>Status</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {letters.map((letter) => (
            <DeadLetterRow
              key={letter.id}
              letter={letter}
              chosen={chosen.includes(letter.id)}
              choose={(checked) => choose((before) => (checked ? [...before, letter.id] : before.filter((id) => id !== letter.id)))}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Scrolls>
  );
};
