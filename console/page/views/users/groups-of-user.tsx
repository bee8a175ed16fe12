import { Anchor, Button, Group, Paper, Table, Title } from "@mantine/core";
import { useState } from "react";
import type { MembershipView } from "../../../../directory/views.js";
import type { List } from "../../../../http/contract/list.js";
import { useAsked, withParameters } from "../../ask.js";
import { Answer, Nothing } from "../../parts/note.js";
import { Scrolls } from "../../parts/scrolls.js";
import { groupPlace } from "../groups/group-place.js";

/** The groups that a user belongs to, page by page. */
export const GroupsOfUser = ({ route, tenant }: { readonly route: string; readonly tenant: string | null }) => {
  const [cursor, setCursor] = useState<string | null>(null);
  const asked = useAsked<List<MembershipView>>(withParameters(route, { tenant, limit: 50, cursor }));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb="sm">
        Groups
      </Title>
      <Answer asked={asked}>
        {({ items, cursor: next }) => (
          <>
            {items.length === 0 ? (
              <Nothing>This user belongs to no group.</Nothing>
            ) : (
              <Scrolls label="Groups">
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>Group</Table.Th>
                      <Table.Th>Channels</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map(({ group, channels }) => (
                      <Table.Tr key={group}>
                        <Table.Td className="anywhere">
                          <Anchor href={`#${groupPlace(group, tenant)}`}>{group}</Anchor>
                        </Table.Td>
                        <Table.Td>{channels.length === 0 ? "All" : channels.join(", ")}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Scrolls>
            )}
            {(cursor !== null || next !== null) && (
              <Group mt="md">
                <Button variant="default" disabled={cursor === null} onClick={() => setCursor(null)}>
                  First page
                </Button>
                <Button variant="default" disabled={next === null} onClick={() => setCursor(next)}>
                  Next page
                </Button>
              </Group>
            )}
          </>
        )}
      </Answer>
    </Paper>
  );
};
