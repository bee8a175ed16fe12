import { Anchor, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { UserView as User } from "../../../../directory/views.js";
import type { ViewProps } from "../../app.js";
import { ask, go, useAsked, withParameters } from "../../ask.js";
import { minuteText } from "../../format.js";
import { Attributes } from "../../parts/attributes.js";
import { Confirm } from "../../parts/confirm.js";
import { Facts } from "../../parts/facts.js";
import { Answer, Heading } from "../../parts/note.js";
import { mayManage } from "../../places.js";
import { Addresses } from "./addresses.js";
import { EditUser } from "./edit-user.js";
import { GroupsOfUser } from "./groups-of-user.js";

const UserSummary = ({ user, tenant }: { readonly user: User; readonly tenant: string | null }) => (
  <>
    <Facts
      facts={[
        ["Tenant", tenant],
        ["Locale", user.locale ?? "–"],
        ["Time zone", user.timeZone ?? "–"],
        ["Created", minuteText(user.createdAt)],
        ["Changed", minuteText(user.changedAt)],
      ]}
    />
    <Attributes attributes={user.attributes ?? {}} />
  </>
);

/** A user with its addresses and groups. */
export const UserView = ({ id, session, query }: ViewProps & { readonly id: string }) => {
  const [opened, setOpened] = useState<"edit" | "delete">();
  const tenant = query.get("tenant");
  const route = `/v1/users/${encodeURIComponent(id)}`;
  const path = withParameters(route, { tenant });
  const asked = useAsked<User>(path);
  const list = withParameters("/users", { tenant });
  const closed = (): void => setOpened(undefined);
  const changed = (): void => {
    closed();
    asked.again();
  };
  return (
    <Stack>
      <Text size="sm">
        <Anchor href={`#${list}`}>Users</Anchor>
      </Text>
      <Heading title={id} />
      <Answer asked={asked}>
        {(user) => (
          <>
            <Paper withBorder p="md">
              <UserSummary user={user} tenant={tenant ?? session.tenant} />
              {mayManage(session) && (
                <Group mt="md">
                  <Button variant="default" onClick={() => setOpened("edit")}>
                    Edit
                  </Button>
                  <Button color="red" variant="outline" onClick={() => setOpened("delete")}>
                    Delete …
                  </Button>
                </Group>
              )}
            </Paper>
            <Addresses user={user} editable={mayManage(session)} route={`${route}/addresses`} tenant={tenant} changed={asked.again} />
            <GroupsOfUser route={`${route}/groups`} tenant={tenant} />
            {opened === "edit" && <EditUser user={user} tenant={tenant} close={closed} done={changed} />}
            {opened === "delete" && (
              <Confirm
                title="Delete user"
                action="Delete"
                close={closed}
                work={async () => {
                  await ask(path, { method: "DELETE" });
                  go("/users", { tenant: tenant ?? "" });
                }}
              >
                The user {id} is deleted with its addresses and memberships. This cannot be undone.
              </Confirm>
            )}
          </>
        )}
      </Answer>
    </Stack>
  );
};
