import { Anchor, Button, Paper, Stack, Table } from "@mantine/core";
import { useState } from "react";
import type { List } from "../../../../http/contract/list.js";
import type { TenantView } from "../../../../operations/tenants/tenant-desk.js";
import type { ViewProps } from "../../app.js";
import { useAsked, withParameters } from "../../ask.js";
import { dayText } from "../../format.js";
import { Heading } from "../../parts/note.js";
import { Pages } from "../../parts/pages.js";
import { Scrolls } from "../../parts/scrolls.js";
import { StatusBadge } from "../../parts/status.js";
import { CreateTenant } from "./create-tenant.js";

const TenantTable = ({ tenants }: { readonly tenants: readonly TenantView[] }) => (
  <Scrolls label="Tenants">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>ID</Table.Th>
          <Table.Th>Name</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th>Created</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tenants.map(({ id, name, status, createdAt }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <Anchor href={`#/tenants/${encodeURIComponent(id)}`}>{id}</Anchor>
            </Table.Td>
            <Table.Td className="anywhere">{name}</Table.Td>
            <Table.Td>
              <StatusBadge status={status} />
            </Table.Td>
            <Table.Td className="one-line">{dayText(createdAt)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

export const TenantsView = ({ query }: ViewProps) => {
  const [creating, setCreating] = useState(false);
  const cursor = query.get("cursor");
  const asked = useAsked<List<TenantView>>(withParameters("/v1/tenants", { limit: 50, cursor }));
  return (
    <Stack>
      <Heading title="Tenants">
        <Button onClick={() => setCreating(true)}>Create tenant</Button>
      </Heading>
      {creating && <CreateTenant close={() => setCreating(false)} />}
      <Paper withBorder p="md">
        <Pages asked={asked} path="/tenants" cursor={cursor} empty="There are no tenants yet.">
          {(items) => <TenantTable tenants={items} />}
        </Pages>
      </Paper>
    </Stack>
  );
};
