import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { TenantView } from "../../../../operations/tenants/tenant-desk.js";
import { ask, go } from "../../ask.js";
import { minuteText } from "../../format.js";
import { Confirm } from "../../parts/confirm.js";
import { Dialog } from "../../parts/dialog.js";
import { Facts } from "../../parts/facts.js";
import { ProblemNote } from "../../parts/note.js";
import { StatusBadge } from "../../parts/status.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface TenantSummaryProps {
  readonly tenant: TenantView;
  /** Whether the session may change it. */
  readonly editable: boolean;
  /** The tenant's own route. */
  readonly path: string;
  readonly changed: () => void;
}

type Change = Partial<Pick<TenantView, "name" | "status">>;

const RenameTenant = ({ tenant, path, done }: { tenant: TenantView; path: string; done: (changed: boolean) => void }) => {
  const [name, setName] = useState(tenant.name);
  const { busy, problem, submit } = useSubmit();
  const rename = (): void =>
    void submit(async () => {
      await ask(path, { method: "PATCH", body: { name: name.trim() } });
      done(true);
    });
  return (
    <Dialog title="Rename tenant" action="Save" close={() => done(false)} run={rename} busy={busy} problem={restOf(problem, ["name"])}>
      <TextInput
        label="Name"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errorOf(problem, "name")}
        autoComplete="off"
        data-autofocus
      />
    </Dialog>
  );
};

/** The buttons that change a tenant, and their windows. */
const TenantActions = ({ tenant, path, changed }: Omit<TenantSummaryProps, "editable">) => {
  const [opened, setOpened] = useState<"rename" | "suspend" | "delete">();
  const { busy, problem, submit } = useSubmit();
  const change = async (body: Change): Promise<void> => {
    await ask(path, { method: "PATCH", body });
    setOpened(undefined);
    changed();
  };
  const closed = (): void => setOpened(undefined);
  const isActive = tenant.status === "active";
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      <Group>
        <Button variant="default" onClick={() => setOpened("rename")}>
          Rename
        </Button>
        {isActive ? (
          <Button variant="default" onClick={() => setOpened("suspend")}>
            Suspend …
          </Button>
        ) : (
          <Button variant="default" loading={busy} onClick={() => void submit(() => change({ status: "active" }))}>
            Activate
          </Button>
        )}
        <Button color="red" variant="outline" onClick={() => setOpened("delete")}>
          Delete …
        </Button>
      </Group>
      {opened === "rename" && (
        <RenameTenant
          tenant={tenant}
          path={path}
          done={(renamed) => {
            closed();
            if (renamed) changed();
          }}
        />
      )}
      {opened === "suspend" && (
        <Confirm title={`Suspend ${tenant.id}`} action="Suspend" close={closed} work={() => change({ status: "suspended" })}>
          Carillon refuses all keys of a suspended tenant. You can activate the tenant again.
        </Confirm>
      )}
      {opened === "delete" && (
        <Confirm
          title={`Delete ${tenant.id}`}
          action="Delete"
          typed={tenant.id}
          close={closed}
          work={async () => {
            await ask(path, { method: "DELETE" });
            go("/tenants");
          }}
        >
          All keys are revoked, and the ID stays taken. Messages and counts stay until their retention ends. This cannot be undone.
        </Confirm>
      )}
    </>
  );
};

/** A tenant's name and status, and the actions that change them. */
export const TenantSummary = ({ editable, ...of }: TenantSummaryProps) => (
  <Stack>
    <Facts
      facts={[
        ["Name", of.tenant.name],
        ["Status", <StatusBadge key="status" status={of.tenant.status} />],
        ["Created", minuteText(of.tenant.createdAt)],
        ["Changed", minuteText(of.tenant.changedAt)],
      ]}
    />
    {editable && <TenantActions {...of} />}
  </Stack>
);
