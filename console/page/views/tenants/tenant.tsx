import { Anchor, Paper, Stack, Text } from "@mantine/core";
import type { TenantView as Tenant } from "../../../../operations/tenants/tenant-desk.js";
import type { ViewProps } from "../../app.js";
import { useAsked } from "../../ask.js";
import { Answer, Heading } from "../../parts/note.js";
import { mayManage } from "../../places.js";
import { Keys } from "./keys.js";
import { TenantSummary } from "./tenant-summary.js";

/** A tenant and its keys. */
export const TenantView = ({ id, session }: ViewProps & { readonly id: string }) => {
  const path = `/v1/tenants/${encodeURIComponent(id)}`;
  const asked = useAsked<Tenant>(path);
  return (
    <Stack>
      {session.operator && (
        <Text size="sm">
          <Anchor href="#/tenants">Tenants</Anchor>
        </Text>
      )}
      <Heading title={id} />
      <Answer asked={asked}>
        {(tenant) => (
          <>
            <Paper withBorder p="md">
              <TenantSummary tenant={tenant} editable={session.operator} path={path} changed={asked.again} />
            </Paper>
            {mayManage(session) && (
              <Paper withBorder p="md">
                <Keys path={`${path}/keys`} grantable={session.scopes} />
              </Paper>
            )}
          </>
        )}
      </Answer>
    </Stack>
  );
};
