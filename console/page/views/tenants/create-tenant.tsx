import { TextInput } from "@mantine/core";
import { useState } from "react";
import { ask, go } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

const shown = ["id", "name"];

/** Creates a tenant, and opens its page. */
export const CreateTenant = ({ close }: { readonly close: () => void }) => {
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const { busy, problem, submit } = useSubmit();
  const create = (): void =>
    void submit(async () => {
      const body = { id: id.trim(), ...(name.trim() === "" ? {} : { name: name.trim() }) };
      await ask("/v1/tenants", { method: "POST", body });
      go(`/tenants/${encodeURIComponent(body.id)}`);
    });
  return (
    <Dialog title="Create tenant" action="Create" close={close} run={create} busy={busy} problem={restOf(problem, shown)}>
      <TextInput
        label="ID"
        description="1 to 63 lower-case letters, digits and hyphens. It cannot be changed later"
        required
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
        error={errorOf(problem, "id")}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errorOf(problem, "name")}
        autoComplete="off"
      />
    </Dialog>
  );
};
