import { Paper, Stack, Table, Text } from "@mantine/core";
import type { List } from "../../../../http/contract/list.js";
import type { AuditView as Entry } from "../../../../operations/tenants/audit-desk.js";
import type { ViewProps } from "../../app.js";
import { useAsked, withParameters } from "../../ask.js";
import { secondText } from "../../format.js";
import { Heading } from "../../parts/note.js";
import { Pages } from "../../parts/pages.js";
import { Scrolls } from "../../parts/scrolls.js";
import { TenantPicker } from "../../parts/tenant-picker.js";
import { AuditChanges } from "./audit-changes.js";

const EntryRow = ({ entry }: { readonly entry: Entry }) => (
  <Table.Tr style={{ verticalAlign: "top" }}>
    <Table.Td>
      <span className="one-line">{secondText(entry.at)}</span>
      <Text size="xs" c="var(--calm)" className="anywhere">
        {entry.actor}
      </Text>
    </Table.Td>
    <Table.Td className="anywhere" miw={140}>
      {entry.action}
      <Text size="xs" c="var(--calm)">
        {entry.target}
      </Text>
    </Table.Td>
    <Table.Td className="anywhere" miw={90}>
      {entry.tenant ?? "Installation"}
    </Table.Td>
    <Table.Td miw={260}>
      <AuditChanges before={entry.before} after={entry.after} />
      {entry.erased && <Text size="xs">A person was erased from this entry.</Text>}
      {entry.requestId !== null && (
        <Text size="xs" c="var(--calm)" className="anywhere">
          Request {entry.requestId}
        </Text>
      )}
    </Table.Td>
  </Table.Tr>
);

/** Administrative changes, latest first. */
export const AuditView = ({ session, query }: ViewProps) => {
  const [tenant, cursor] = [query.get("tenant"), query.get("cursor")];
  const asked = useAsked<List<Entry>>(withParameters("/v1/audit", { tenant, limit: 50, cursor }));
  return (
    <Stack>
      <Heading title="Audit log" />
      <Paper withBorder p="md">
        <Stack>
          <TenantPicker session={session} path="/audit" tenant={tenant} unchosen="All tenants" />
          <Pages
            asked={asked}
            path="/audit"
            given={{ tenant: tenant ?? "" }}
            cursor={cursor}
            empty="No administrative changes are recorded."
            labels={["Newest", "Older"]}
          >
            {(items) => (
              <Scrolls label="Audit log">
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>Time, actor</Table.Th>
                      <Table.Th>Action</Table.Th>
                      <Table.Th>Tenant</Table.Th>
                      <Table.Th>Change</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map((entry) => (
                      <EntryRow key={entry.id} entry={entry} />
                    ))}
                  </Table.Tbody>
                </Table>
              </Scrolls>
            )}
          </Pages>
        </Stack>
      </Paper>
    </Stack>
  );
};
