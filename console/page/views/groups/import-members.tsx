import { Anchor, Paper, Stack, Text } from "@mantine/core";
import type { ViewProps } from "../../app.js";
import { Facts } from "../../parts/facts.js";
import { ImportList } from "../../parts/import-list.js";
import { Heading } from "../../parts/note.js";
import { groupPlace } from "./group-place.js";

/** Imports members of a group. */
export const ImportMembersView = ({ id, session, query }: ViewProps & { readonly id: string }) => {
  const tenant = query.get("tenant");
  return (
    <Stack maw={860}>
      <Text size="sm" className="anywhere">
        <Anchor href={`#${groupPlace(id, tenant)}`}>{id}</Anchor>
      </Text>
      <Heading title="Import members" />
      <Paper withBorder p="md">
        <Stack>
          <Facts
            facts={[
              ["Tenant", tenant ?? session.tenant],
              ["Group", id],
            ]}
          />
          <ImportList path={`/v1/groups/${encodeURIComponent(id)}/members`} tenant={tenant} columns="Columns: user, channels" />
        </Stack>
      </Paper>
    </Stack>
  );
};
