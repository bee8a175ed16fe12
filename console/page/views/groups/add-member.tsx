import { Checkbox, Group, TextInput } from "@mantine/core";
import { useState } from "react";
import { addressChannels } from "../../../../stores/directory/directory.js";
import { ask } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface AddMemberProps {
  /** The route of the group's members. */
  readonly path: string;
  readonly close: () => void;
  readonly done: () => void;
}

/** Adds a user to a group. */
export const AddMember = ({ path, close, done }: AddMemberProps) => {
  const [user, setUser] = useState("");
  const [channels, setChannels] = useState<string[]>([]);
  const { busy, problem, submit } = useSubmit();
  const add = (): void =>
    void submit(async () => {
      await ask(path, { method: "POST", body: { user: user.trim(), channels } });
      done();
    });
  return (
    <Dialog title="Add member" action="Add" close={close} run={add} busy={busy} problem={restOf(problem, ["user", "channels"])}>
      <TextInput
        label="User ID"
        required
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
        error={errorOf(problem, "user")}
        autoComplete="off"
        data-autofocus
      />
      <Checkbox.Group
        label="Channels"
        description="None selected: the user subscribes to all"
        value={channels}
        onChange={setChannels}
        error={errorOf(problem, "channels")}
      >
        <Group mt={6}>
          {addressChannels.map((channel) => (
            <Checkbox key={channel} value={channel} label={channel} />
          ))}
        </Group>
      </Checkbox.Group>
    </Dialog>
  );
};
