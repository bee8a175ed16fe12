import { Code, Table } from "@mantine/core";
import type { Field } from "../api-document.js";
import { Scrolls } from "./scrolls.js";

interface FieldTableProps {
  readonly label: string;
  readonly fields: readonly Field[];
}

/** Fields or parameters with their types. */
export const FieldTable = ({ label, fields }: FieldTableProps) => (
  <Scrolls label={label}>
    <Table aria-label={label} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Type</Table.Th>
          <Table.Th>Required</Table.Th>
          <Table.Th>Description</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ path, type, required, description }) => (
          <Table.Tr key={path}>
            <Table.Td>
              <Code>{path}</Code>
            </Table.Td>
            <Table.Td>{type}</Table.Td>
            <Table.Td>{required ? "yes" : ""}</Table.Td>
            <Table.Td>{description}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);
