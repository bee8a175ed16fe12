import { Badge, Button, Group, Table, Text } from "@mantine/core";
import type { KeyView } from "../../../../operations/tenants/key-desk.js";
import { minuteText } from "../../format.js";
import { Scrolls } from "../../parts/scrolls.js";
import { StatusBadge } from "../../parts/status.js";

interface KeyActions {
  readonly rotate: (key: KeyView) => void;
  readonly revoke: (key: KeyView) => void;
}

const KeyRow = ({ of, rotate, revoke }: KeyActions & { readonly of: KeyView }) => (
  <Table.Tr>
    <Table.Td className="anywhere" style={{ minWidth: 160 }}>
      {of.name}
      {of.name !== of.id && (
        <Text size="xs" c="var(--calm)">
          {of.id}
        </Text>
      )}
    </Table.Td>
    <Table.Td>
      {of.scopes.join(", ")}
      {of.test && (
        <Badge ml={6} size="sm" variant="default" tt="none">
          Test
        </Badge>
      )}
    </Table.Td>
    <Table.Td>
      <StatusBadge status={of.state} />
    </Table.Td>
    <Table.Td className="one-line">{of.expiresAt === null ? "Never" : minuteText(of.expiresAt)}</Table.Td>
    <Table.Td className="one-line">{of.lastUsedAt === null ? "Never" : minuteText(of.lastUsedAt)}</Table.Td>
    <Table.Td>
      {of.state === "valid" && (
        <Group gap={6} wrap="nowrap" justify="flex-end">
          <Button size="compact-sm" variant="default" aria-label={`Rotate ${of.name}`} onClick={() => rotate(of)}>
            Rotate
          </Button>
          <Button size="compact-sm" variant="outline" color="red" aria-label={`Revoke ${of.name}`} onClick={() => revoke(of)}>
            Revoke
          </Button>
        </Group>
      )}
    </Table.Td>
  </Table.Tr>
);

export const KeyTable = ({ keys, ...actions }: KeyActions & { readonly keys: readonly KeyView[] }) => (
  <Scrolls label="Keys">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Scopes</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Expires</Table.Th>
          <Table.Th className="one-line">Last used</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <KeyRow key={key.id} of={key} {...actions} />
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);
