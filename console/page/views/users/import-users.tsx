import { Anchor, Paper, Stack, Text } from "@mantine/core";
import type { ViewProps } from "../../app.js";
import { withParameters } from "../../ask.js";
import { Facts } from "../../parts/facts.js";
import { ImportList } from "../../parts/import-list.js";
import { Heading } from "../../parts/note.js";

/** Imports users of a tenant. */
export const ImportUsersView = ({ session, query }: ViewProps) => {
  const tenant = query.get("tenant");
  return (
    <Stack maw={860}>
      <Text size="sm">
        <Anchor href={`#${withParameters("/users", { tenant })}`}>Users</Anchor>
      </Text>
      <Heading title="Import users" />
      <Paper withBorder p="md">
        <Stack>
          <Facts facts={[["Tenant", tenant ?? session.tenant]]} />
          <ImportList
            path="/v1/users/import"
            tenant={tenant}
            columns="Columns: id, email, sms, push, http, device, locale, timeZone, attributes.NAME"
          />
        </Stack>
      </Paper>
    </Stack>
  );
};
