import { Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useSubmit } from "../submit.js";
import { Dialog } from "./dialog.js";

interface ConfirmProps {
  readonly title: string;
  readonly action: string;
  readonly close: () => void;
  readonly work: () => Promise<void>;
  /** The text to type before the action is possible. */
  readonly typed?: string;
  /** What the action does. */
  readonly children: ReactNode;
}

/** Asks before an action that removes something. */
export const Confirm = ({ title, action, close, work, typed, children }: ConfirmProps) => {
  const [text, setText] = useState("");
  const { busy, problem, submit } = useSubmit();
  return (
    <Dialog
      title={title}
      close={close}
      action={action}
      run={() => void submit(work)}
      busy={busy}
      problem={problem}
      disabled={typed !== undefined && text !== typed}
      dangerous
    >
      <Text size="sm">{children}</Text>
      {typed !== undefined && (
        <TextInput
          label={`Type ${typed} to confirm`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
      )}
    </Dialog>
  );
};
