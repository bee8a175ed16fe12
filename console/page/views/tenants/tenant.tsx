import { Anchor, Paper, Stack, Text } from "@mantine/core";
import type { TenantView as Tenant } from "../../../../operations/tenants/tenant-desk.js";
import type { ViewProps } from "../../app.js";
import { useAsked } from "../../ask.js";
import { Answer, Heading } from "../../parts/note.js";
import { mayManage } from "../../places.js";
import { Keys } from "./keys.js";
import { OwnProviders } from "./own-providers.js";
import { Settings } from "./settings/settings.js";
import { TenantSummary } from "./tenant-summary.js";
import { TokenKeys } from "./token-keys/token-keys.js";

/** A tenant with its keys, settings, providers, routes and token keys. */
export const TenantView = ({ id, about, session }: ViewProps & { readonly id: string }) => {
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
            {session.scopes.includes("read") && (
              <Paper withBorder p="md">
                <Settings path={path} about={about} session={session} changed={asked.again} />
              </Paper>
            )}
            {mayManage(session) && (
              <>
                <Paper withBorder p="md">
                  <OwnProviders path={path} />
                </Paper>
                <Paper withBorder p="md">
                  <TokenKeys path={`${path}/token-keys`} />
                </Paper>
              </>
            )}
          </>
        )}
      </Answer>
    </Stack>
  );
};
