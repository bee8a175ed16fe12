import { Anchor, Button, Group, Paper, Table, Title } from "@mantine/core";
import { useState } from "react";
import type { MemberView } from "../../../../directory/views.js";
import type { List } from "../../../../http/contract/list.js";
import { ask, useAsked, withParameters } from "../../ask.js";
import { Confirm } from "../../parts/confirm.js";
import { Pages } from "../../parts/pages.js";
import { Scrolls } from "../../parts/scrolls.js";
import { userPlace } from "../users/user-place.js";
import { AddMember } from "./add-member.js";

interface MembersProps {
  /** The group's ID. */
  readonly id: string;
  /** Whether the session may change them. */
  readonly editable: boolean;
  /** The route of the group's members. */
  readonly route: string;
  readonly tenant: string | null;
  readonly cursor: string | null;
  readonly changed: () => void;
}

interface MemberTableProps {
  readonly members: readonly MemberView[];
  readonly tenant: string | null;
  readonly remove: ((user: string) => void) | undefined;
}

const MemberTable = ({ members, tenant, remove }: MemberTableProps) => (
  <Scrolls label="Members">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>User</Table.Th>
          <Table.Th>Channels</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {members.map(({ user, channels }) => (
          <Table.Tr key={user}>
            <Table.Td className="anywhere" miw={120}>
              <Anchor href={`#${userPlace(user, tenant)}`}>{user}</Anchor>
            </Table.Td>
            <Table.Td>{channels.length === 0 ? "All" : channels.join(", ")}</Table.Td>
            <Table.Td ta="right">
              {remove && (
                <Button size="compact-sm" variant="default" aria-label={`Remove ${user}`} onClick={() => remove(user)}>
                  Remove
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

/** The members of a group, page by page. */
export const Members = ({ id, editable, route, tenant, cursor, changed }: MembersProps) => {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const asked = useAsked<List<MemberView>>(withParameters(route, { tenant, limit: 50, cursor }));
  const group = encodeURIComponent(id);
  const done = (): void => {
    setAdding(false);
    setRemoving(undefined);
    asked.again();
    changed();
  };
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Members
        </Title>
        {editable && (
          <Group gap="xs">
            <Button variant="default" component="a" href={`#${withParameters(`/import-members/${group}`, { tenant })}`}>
              Import
            </Button>
            <Button onClick={() => setAdding(true)}>Add member</Button>
          </Group>
        )}
      </Group>
      <Pages
        asked={asked}
        path={`/groups/${group}`}
        given={{ tenant: tenant ?? "" }}
        cursor={cursor}
        empty="This group has no members yet."
      >
        {(items) => <MemberTable members={items} tenant={tenant} remove={editable ? setRemoving : undefined} />}
      </Pages>
      {adding && <AddMember path={withParameters(route, { tenant })} close={() => setAdding(false)} done={done} />}
      {removing !== undefined && (
        <Confirm
          title="Remove member"
          action="Remove"
          close={() => setRemoving(undefined)}
          work={async () => {
            await ask(withParameters(`${route}/${encodeURIComponent(removing)}`, { tenant }), { method: "DELETE" });
            done();
          }}
        >
          {removing} leaves the group. The user stays.
        </Confirm>
      )}
    </Paper>
  );
};
