import { Anchor, Button, Paper, Stack, Table } from "@mantine/core";
import { useState } from "react";
import type { GroupView } from "../../../../directory/views.js";
import type { List } from "../../../../http/contract/list.js";
import type { ViewProps } from "../../app.js";
import { go, useAsked, withParameters } from "../../ask.js";
import { countText, minuteText } from "../../format.js";
import { Heading } from "../../parts/note.js";
import { Pages } from "../../parts/pages.js";
import { Scrolls } from "../../parts/scrolls.js";
import { TenantPicker } from "../../parts/tenant-picker.js";
import { mayManage } from "../../places.js";
import { EditGroup } from "./edit-group.js";
import { groupPlace } from "./group-place.js";

const GroupTable = ({ groups, tenant }: { readonly groups: readonly GroupView[]; readonly tenant: string | null }) => (
  <Scrolls label="Groups">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>ID</Table.Th>
          <Table.Th>Name</Table.Th>
          <Table.Th className="numbers">Members</Table.Th>
          <Table.Th>Changed</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {groups.map(({ id, name, members, changedAt }) => (
          <Table.Tr key={id}>
            <Table.Td className="anywhere" miw={120}>
              <Anchor href={`#${groupPlace(id, tenant)}`}>{id}</Anchor>
            </Table.Td>
            <Table.Td className="anywhere" miw={120}>
              {name ?? "–"}
            </Table.Td>
            <Table.Td className="numbers">{countText(members)}</Table.Td>
            <Table.Td className="one-line">{minuteText(changedAt)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

export const GroupsView = ({ session, query }: ViewProps) => {
  const [creating, setCreating] = useState(false);
  const [tenant, cursor] = [query.get("tenant"), query.get("cursor")];
  const asked = useAsked<List<GroupView>>(withParameters("/v1/groups", { tenant, limit: 50, cursor }));
  return (
    <Stack>
      <Heading title="Groups">{mayManage(session) && <Button onClick={() => setCreating(true)}>Create group</Button>}</Heading>
      {creating && (
        <EditGroup group={undefined} tenant={tenant} close={() => setCreating(false)} done={(id) => go(groupPlace(id, tenant))} />
      )}
      <Paper withBorder p="md">
        <Stack>
          <TenantPicker session={session} path="/groups" tenant={tenant} />
          <Pages asked={asked} path="/groups" given={{ tenant: tenant ?? "" }} cursor={cursor} empty="This tenant has no groups yet.">
            {(items) => <GroupTable groups={items} tenant={tenant} />}
          </Pages>
        </Stack>
      </Paper>
    </Stack>
  );
};
