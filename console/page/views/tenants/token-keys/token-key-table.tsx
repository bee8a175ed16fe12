import { Button, Table } from "@mantine/core";
import type { TokenKeyView } from "../../../../../operations/tenants/token-key-desk.js";
import { minuteText } from "../../../format.js";
import { Scrolls } from "../../../parts/scrolls.js";

interface TokenKeyTableProps {
  readonly keys: readonly TokenKeyView[];
  readonly remove: (key: TokenKeyView) => void;
}

export const TokenKeyTable = ({ keys, remove }: TokenKeyTableProps) => (
  <Scrolls label="Token keys">
    <Table aria-label="Token keys">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Key ID</Table.Th>
          <Table.Th>Algorithm</Table.Th>
          <Table.Th>Source</Table.Th>
          <Table.Th>Created</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={key.kid}>
            <Table.Td className="anywhere" miw={160}>
              {key.kid}
            </Table.Td>
            <Table.Td>{key.alg}</Table.Td>
            <Table.Td className="anywhere" miw={140}>
              {key.jwksUrl ?? "Public key"}
            </Table.Td>
            <Table.Td className="one-line">{minuteText(key.createdAt)}</Table.Td>
            <Table.Td ta="right">
              <Button size="compact-sm" variant="outline" color="red" aria-label={`Remove ${key.kid}`} onClick={() => remove(key)}>
                Remove
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);
