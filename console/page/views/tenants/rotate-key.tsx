import { Select, Text } from "@mantine/core";
import { useState } from "react";
import type { IssuedKey, KeyView } from "../../../../operations/tenants/key-desk.js";
import { ask } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface RotateKeyProps {
  /** The route of the tenant's keys. */
  readonly path: string;
  readonly of: KeyView;
  readonly close: () => void;
  readonly created: (key: IssuedKey) => void;
}

const [hourMs, dayMs] = [3_600_000, 86_400_000];
const overlaps = [
  { value: "0", label: "No time" },
  { value: String(hourMs), label: "1 hour" },
  { value: String(dayMs), label: "1 day" },
  { value: String(7 * dayMs), label: "7 days" },
  { value: String(30 * dayMs), label: "30 days" },
];

/** Replaces a key by a new one with the same scopes. */
export const RotateKey = ({ path, of, close, created }: RotateKeyProps) => {
  const [overlap, setOverlap] = useState(String(dayMs));
  const { busy, problem, submit } = useSubmit();
  const rotate = (): void =>
    void submit(async () => {
      const body = { overlapMs: Number(overlap) };
      created(await ask<IssuedKey>(`${path}/${encodeURIComponent(of.id)}/rotate`, { method: "POST", body }));
    });
  return (
    <Dialog title={`Rotate ${of.name}`} action="Rotate" close={close} run={rotate} busy={busy} problem={restOf(problem, ["overlapMs"])}>
      <Text size="sm">Carillon creates a key with the same scopes.</Text>
      <Select
        label="The former key stays valid for"
        data={overlaps}
        value={overlap}
        onChange={(value) => setOverlap(value ?? overlap)}
        allowDeselect={false}
        error={errorOf(problem, "overlapMs")}
      />
    </Dialog>
  );
};
