import { Anchor, Button, Group, Paper, Stack, Table, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { UserView } from "../../../../directory/views.js";
import type { List } from "../../../../http/contract/list.js";
import type { ViewProps } from "../../app.js";
import { go, useAsked, withParameters } from "../../ask.js";
import { minuteText } from "../../format.js";
import { Heading } from "../../parts/note.js";
import { Pages } from "../../parts/pages.js";
import { Scrolls } from "../../parts/scrolls.js";
import { TenantPicker } from "../../parts/tenant-picker.js";
import { mayManage } from "../../places.js";
import { EditUser } from "./edit-user.js";
import { userPlace } from "./user-place.js";

const UserTable = ({ users, tenant }: { readonly users: readonly UserView[]; readonly tenant: string | null }) => (
  <Scrolls label="Users">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>ID</Table.Th>
          <Table.Th>Email</Table.Th>
          <Table.Th>Phone</Table.Th>
          <Table.Th>Locale</Table.Th>
          <Table.Th>Time zone</Table.Th>
          <Table.Th>Changed</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {users.map(({ id, addresses, locale, timeZone, changedAt }) => (
          <Table.Tr key={id}>
            <Table.Td className="anywhere" style={{ minWidth: 120 }}>
              <Anchor href={`#${userPlace(id, tenant)}`}>{id}</Anchor>
            </Table.Td>
            <Table.Td className="anywhere" miw={180}>
              {addresses.email ?? "–"}
            </Table.Td>
            <Table.Td className="one-line">{addresses.sms ?? "–"}</Table.Td>
            <Table.Td>{locale ?? "–"}</Table.Td>
            <Table.Td>{timeZone ?? "–"}</Table.Td>
            <Table.Td className="one-line">{minuteText(changedAt)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

/** Opens a user by its complete ID. */
const UserSearch = ({ tenant }: { readonly tenant: string | null }) => {
  const [id, setId] = useState("");
  const open = (event: FormEvent): void => {
    event.preventDefault();
    if (id.trim() !== "") go(`/users/${encodeURIComponent(id.trim())}`, { tenant: tenant ?? "" });
  };
  return (
    <Group component="form" role="search" align="end" gap="xs" onSubmit={open} wrap="nowrap">
      <TextInput
        label="User ID"
        placeholder="Complete ID"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
        leftSection={<IconSearch size={16} aria-hidden />}
        w={220}
      />
      <Button type="submit" variant="default">
        Open
      </Button>
    </Group>
  );
};

const Exports = ({ tenant }: { readonly tenant: string | null }) => (
  <Group mt="md" gap="md">
    {(["csv", "ndjson"] as const).map((format) => (
      <Anchor key={format} size="sm" href={withParameters("/v1/exports/users", { tenant, format })} download={`users.${format}`}>
        Export {format.toUpperCase()}
      </Anchor>
    ))}
  </Group>
);

export const UsersView = ({ session, query }: ViewProps) => {
  const [creating, setCreating] = useState(false);
  const [tenant, cursor] = [query.get("tenant"), query.get("cursor")];
  const asked = useAsked<List<UserView>>(withParameters("/v1/users", { tenant, limit: 50, cursor }));
  return (
    <Stack>
      <Heading title="Users">
        {mayManage(session) && (
          <Group gap="xs">
            <Button variant="default" component="a" href={`#${withParameters("/import-users", { tenant })}`}>
              Import
            </Button>
            <Button onClick={() => setCreating(true)}>Create user</Button>
          </Group>
        )}
      </Heading>
      {creating && (
        <EditUser
          user={undefined}
          tenant={tenant}
          close={() => setCreating(false)}
          done={(id) => go(`/users/${encodeURIComponent(id)}`, { tenant: tenant ?? "" })}
        />
      )}
      <Paper withBorder p="md">
        <Group align="end" mb="md">
          <TenantPicker session={session} path="/users" tenant={tenant} />
          <UserSearch tenant={tenant} />
        </Group>
        <Pages asked={asked} path="/users" given={{ tenant: tenant ?? "" }} cursor={cursor} empty="This tenant has no users yet.">
          {(items) => <UserTable users={items} tenant={tenant} />}
        </Pages>
        <Exports tenant={tenant} />
      </Paper>
    </Stack>
  );
};
