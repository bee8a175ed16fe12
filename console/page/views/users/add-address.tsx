import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { addressChannels } from "../../../../stores/directory/directory.js";
import { ask } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface AddAddressProps {
  /** The route of the user's addresses. */
  readonly path: string;
  readonly close: () => void;
  readonly done: () => void;
}

const single: readonly string[] = ["email", "sms"];

/** Adds an address to a user. */
export const AddAddress = ({ path, close, done }: AddAddressProps) => {
  const [channel, setChannel] = useState("email");
  const [address, setAddress] = useState("");
  const [app, setApp] = useState("");
  const { busy, problem, submit } = useSubmit();
  const isSingle = single.includes(channel);
  const add = (): void =>
    void submit(async () => {
      const body = { channel, address: address.trim(), ...(isSingle || app.trim() === "" ? {} : { app: app.trim() }) };
      await ask(path, { method: "POST", body });
      done();
    });
  return (
    <Dialog title="Add address" action="Add" close={close} run={add} busy={busy} problem={restOf(problem, ["channel", "address", "app"])}>
      <Select
        label="Channel"
        description={isSingle ? "Replaces the user's address of this channel" : "Carillon takes the address from any other user"}
        data={[...addressChannels]}
        value={channel}
        onChange={(value) => setChannel(value ?? channel)}
        allowDeselect={false}
        error={errorOf(problem, "channel")}
      />
      <TextInput
        label="Address"
        required
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        error={errorOf(problem, "address")}
        autoComplete="off"
        data-autofocus
      />
      {!isSingle && (
        <TextInput
          label="App"
          description="The app that a token belongs to"
          value={app}
          onChange={(event) => setApp(event.currentTarget.value)}
          error={errorOf(problem, "app")}
          autoComplete="off"
        />
      )}
    </Dialog>
  );
};
