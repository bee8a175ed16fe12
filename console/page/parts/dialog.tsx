import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import type { Problem } from "../ask.js";
import { ProblemNote } from "./note.js";

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  /** The label of the button that submits the form. */
  readonly action: string;
  readonly run: () => void;
  readonly busy: boolean;
  /** Shown above the buttons. */
  readonly problem: Problem | undefined;
  readonly disabled?: boolean;
  /** Whether the action removes something. */
  readonly dangerous?: boolean;
  readonly children: ReactNode;
}

/** A form in a window of its own. */
export const Dialog = ({ title, close, action, run, busy, problem, disabled = false, dangerous = false, children }: DialogProps) => {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!disabled) run();
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {children}
          {problem && <ProblemNote problem={problem} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={disabled} {...(dangerous ? { color: "red" } : {})}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
