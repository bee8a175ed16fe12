import { Stack, Table, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { List } from "../../../../http/contract/list.js";
import type { OwnProviderView } from "../../../../operations/tenants/provider-desk.js";
import type { OwnRouteView } from "../../../../operations/tenants/route-desk.js";
import { useAsked } from "../../ask.js";
import { Answer, Nothing } from "../../parts/note.js";
import { Scrolls } from "../../parts/scrolls.js";

interface RowsProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** The first cell of a row is its name. */
  readonly rows: readonly (readonly ReactNode[])[];
}

const Rows = ({ label, columns, rows }: RowsProps) => (
  <Scrolls label={label}>
    <Table aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column} className="one-line">
              {column}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, ...cells]) => (
          <Table.Tr key={String(name)}>
            <Table.Th scope="row" fw={400}>
              {name}
            </Table.Th>
            {cells.map((cell, index) => (
              <Table.Td key={columns[index + 1]}>{cell}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

const listed = (names: readonly string[]): string => (names.length === 0 ? "–" : names.join(", "));

/** The providers and routes of a tenant's own, without the values of secrets. */
export const OwnProviders = ({ path }: { readonly path: string }) => {
  const providers = useAsked<List<OwnProviderView>>(`${path}/providers`);
  const routes = useAsked<List<OwnRouteView>>(`${path}/routes`);
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        Providers and routes
      </Title>
      <Answer asked={providers}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>This tenant has no providers of its own.</Nothing>
          ) : (
            <Rows
              label="Providers of its own"
              columns={["Provider", "Type", "Channels", "Secrets", "Path of callbacks"]}
              rows={items.map(({ name, type, channels, secrets, callbackPath }) => [
                ...[name, type, listed(channels), listed(secrets)],
                callbackPath ?? "–",
              ])}
            />
          )
        }
      </Answer>
      <Answer asked={routes}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>Its messages use the routes of the configuration.</Nothing>
          ) : (
            <Rows
              label="Routes of its own"
              columns={["Channel", "Providers, in the order of their use"]}
              rows={items.map(({ channel, providers: names }) => [channel, listed(names)])}
            />
          )
        }
      </Answer>
    </Stack>
  );
};
