import { Button, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ask } from "../ask.js";
import { ProblemNote } from "../parts/note.js";
import { useSubmit } from "../submit.js";

/** Asks for the reason, and discards the chosen dead letters. */
export const DiscardDeadLetters = ({
  ids,
  done,
  close,
}: {
  readonly ids: readonly string[];
  readonly done: (text: string) => void;
  readonly close: () => void;
}) => {
  const title = ids.length === 1 ? "Discard 1 dead letter" : `Discard ${ids.length} dead letters`;
  const [reason, setReason] = useState("");
  const { busy, problem, submit } = useSubmit();
  const discard = (event: FormEvent): void => {
    event.preventDefault();
    void submit(async () => {
      const { discarded } = await ask<{ discarded: number }>("/v1/dead-letters/discard", { method: "POST", body: { ids, reason } });
      done(`${discarded} discarded`);
    });
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={discard}>
        <Stack>
          <Text size="sm">Their messages get the final status cancelled. This cannot be undone.</Text>
          <Textarea
            label="Reason"
            description="Recorded in the lineage of each message"
            required
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
          {problem && <ProblemNote problem={problem} />}
          <Button type="submit" color="red" loading={busy}>
            Discard
          </Button>
        </Stack>
      </form>
    </Modal>
  );
};
