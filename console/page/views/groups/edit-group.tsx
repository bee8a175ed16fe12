import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { GroupView } from "../../../../directory/views.js";
import { ask, Problem, withParameters } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface EditGroupProps {
  /** Undefined for a new group. */
  readonly group: GroupView | undefined;
  readonly tenant: string | null;
  readonly close: () => void;
  readonly done: (id: string) => void;
}

const shown = ["id", "name"];

/** Throws unless there is no such group. Creating it would replace its name and attributes. */
const assertNew = async (path: string): Promise<void> => {
  const exists = await ask(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Problem && error.status === 404) return false;
      throw error;
    },
  );
  if (!exists) return;
  throw new Problem(409, "Conflict", [], [{ field: "id", problem: "is taken", fix: "choose another one, or open the group" }]);
};

/** Creates a group, or renames one. */
export const EditGroup = ({ group, tenant, close, done }: EditGroupProps) => {
  const [id, setId] = useState(group?.id ?? "");
  const [name, setName] = useState(group?.name ?? "");
  const { busy, problem, submit } = useSubmit();
  const save = (): void =>
    void submit(async () => {
      const path = withParameters(`/v1/groups/${encodeURIComponent(id.trim())}`, { tenant });
      if (!group) await assertNew(path);
      await ask(path, { method: "PUT", body: { name: name.trim() || null, attributes: group?.attributes ?? {} } });
      done(id.trim());
    });
  return (
    <Dialog
      title={group ? "Rename group" : "Create group"}
      action={group ? "Save" : "Create"}
      close={close}
      run={save}
      busy={busy}
      problem={restOf(problem, shown)}
      disabled={id.trim() === ""}
    >
      {!group && (
        <TextInput
          label="ID"
          description="It cannot be changed later"
          required
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          error={errorOf(problem, "id")}
          autoComplete="off"
          data-autofocus
        />
      )}
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errorOf(problem, "name")}
        autoComplete="off"
        {...(group ? { "data-autofocus": true } : {})}
      />
    </Dialog>
  );
};
