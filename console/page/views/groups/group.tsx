import { Anchor, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { GroupView as OneGroup } from "../../../../directory/views.js";
import type { ViewProps } from "../../app.js";
import { ask, go, useAsked, withParameters } from "../../ask.js";
import { countText, minuteText } from "../../format.js";
import { Attributes } from "../../parts/attributes.js";
import { Confirm } from "../../parts/confirm.js";
import { Facts } from "../../parts/facts.js";
import { Answer, Heading } from "../../parts/note.js";
import { mayManage } from "../../places.js";
import { EditGroup } from "./edit-group.js";
import { Members } from "./members.js";

const GroupSummary = ({ group, tenant }: { readonly group: OneGroup; readonly tenant: string | null }) => (
  <>
    <Facts
      facts={[
        ["Tenant", tenant],
        ["Name", group.name ?? "–"],
        ["Members", countText(group.members)],
        ["Created", minuteText(group.createdAt)],
        ["Changed", minuteText(group.changedAt)],
      ]}
    />
    <Attributes attributes={group.attributes} />
  </>
);

/** A group and its members. */
export const GroupView = ({ id, session, query }: ViewProps & { readonly id: string }) => {
  const [opened, setOpened] = useState<"rename" | "delete">();
  const tenant = query.get("tenant");
  const route = `/v1/groups/${encodeURIComponent(id)}`;
  const path = withParameters(route, { tenant });
  const asked = useAsked<OneGroup>(path);
  const closed = (): void => setOpened(undefined);
  const changed = (): void => {
    closed();
    asked.again();
  };
  return (
    <Stack>
      <Text size="sm">
        <Anchor href={`#${withParameters("/groups", { tenant })}`}>Groups</Anchor>
      </Text>
      <Heading title={id} />
      <Answer asked={asked}>
        {(group) => (
          <>
            <Paper withBorder p="md">
              <GroupSummary group={group} tenant={tenant ?? session.tenant} />
              {mayManage(session) && (
                <Group mt="md">
                  <Button variant="default" onClick={() => setOpened("rename")}>
                    Rename
                  </Button>
                  <Button color="red" variant="outline" onClick={() => setOpened("delete")}>
                    Delete …
                  </Button>
                </Group>
              )}
            </Paper>
            <Members
              id={id}
              editable={mayManage(session)}
              route={`${route}/members`}
              tenant={tenant}
              cursor={query.get("cursor")}
              changed={asked.again}
            />
            {opened === "rename" && <EditGroup group={group} tenant={tenant} close={closed} done={changed} />}
            {opened === "delete" && (
              <Confirm
                title="Delete group"
                action="Delete"
                typed={id}
                close={closed}
                work={async () => {
                  await ask(path, { method: "DELETE" });
                  go("/groups", { tenant: tenant ?? "" });
                }}
              >
                The group is deleted with its memberships. Its users stay. This cannot be undone.
              </Confirm>
            )}
          </>
        )}
      </Answer>
    </Stack>
  );
};
