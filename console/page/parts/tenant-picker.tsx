import { Autocomplete, Button, Group } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { SessionView } from "../../../http/console/views.js";
import type { List } from "../../../http/contract/list.js";
import type { TenantView } from "../../../operations/tenants/tenant-desk.js";
import { go, useAsked } from "../ask.js";

interface TenantPickerProps {
  readonly session: SessionView;
  /** The list that is shown of the chosen tenant. */
  readonly path: string;
  readonly tenant: string | null;
  /** Instead of the session's own tenant. */
  readonly unchosen?: string;
  /** What else the list is shown by. */
  readonly given?: Readonly<Record<string, string>>;
}

/** Suggests this many tenants. The ID of any other can be typed. */
const mostSuggested = 100;

/** Chooses the tenant that an operator acts for. Other callers have only their own. */
export const TenantPicker = ({ session, path, tenant, unchosen, given = {} }: TenantPickerProps) => {
  const none = unchosen ?? session.tenant ?? "";
  const [text, setText] = useState(tenant ?? "");
  const { data } = useAsked<List<TenantView>>(session.operator ? `/v1/tenants?limit=${mostSuggested}` : null);
  if (!session.operator) return null;
  const choose = (id: string): void =>
    go(path, { ...given, tenant: id.trim() === session.tenant && unchosen === undefined ? "" : id.trim() });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    choose(text);
  };
  return (
    <Group component="form" align="end" gap="xs" onSubmit={submit} wrap="nowrap">
      <Autocomplete
        label="Tenant"
        placeholder={none}
        data={data?.items.map(({ id }) => id) ?? []}
        limit={20}
        value={text}
        onChange={setText}
        onOptionSubmit={choose}
        w={220}
      />
      <Button type="submit" variant="default">
        Show
      </Button>
    </Group>
  );
};
