import { Autocomplete, Button, Group, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { SettingsView } from "../../../../../operations/tenants/settings-desk.js";
import { ask } from "../../../ask.js";
import { ProblemNote } from "../../../parts/note.js";
import { errorOf, restOf, useSubmit } from "../../../submit.js";
import { fieldsOf, type SettingField } from "./setting-fields.js";
import { changeOf, textsOf } from "./setting-texts.js";

interface SettingInputProps {
  readonly field: SettingField;
  readonly value: string;
  readonly error: string | undefined;
  readonly change: (to: string) => void;
}

const timeZones = Intl.supportedValuesOf("timeZone");

const SettingInput = ({ field: { label, description, kind }, value, error, change }: SettingInputProps) => {
  const given = { label, description, value, error, placeholder: "Unset", autoComplete: "off" };
  if (kind === "zone") return <Autocomplete {...given} onChange={change} data={timeZones} limit={20} />;
  if (kind === "lines")
    return <Textarea {...given} onChange={(event) => change(event.currentTarget.value)} autosize minRows={2} maxRows={8} />;
  return (
    <TextInput
      {...given}
      inputMode={kind === "number" ? "decimal" : "text"}
      onChange={(event) => change(event.currentTarget.value)}
      spellCheck={false}
    />
  );
};

interface SettingsFormProps {
  readonly settings: SettingsView;
  readonly channels: readonly string[];
  /** The route of the settings. */
  readonly path: string;
  readonly saved: () => void;
}

/** Changes the settings that differ, and shows each mistake next to its field. */
export const SettingsForm = ({ settings, channels, path, saved }: SettingsFormProps) => {
  const [stored, setStored] = useState(() => textsOf(settings, channels));
  const [texts, setTexts] = useState(stored);
  const [note, setNote] = useState("");
  const { busy, problem, submit } = useSubmit();
  const change = changeOf(stored, texts);
  const isChanged = Object.keys(change).length > 0;
  const fields = fieldsOf(texts);
  const rest = restOf(
    problem,
    fields.map((field) => field.path),
  );
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (!isChanged) return;
    setNote("");
    void submit(async () => {
      const now = textsOf(await ask<SettingsView>(path, { method: "PATCH", body: change }), channels);
      setStored(now);
      setTexts(now);
      setNote("Saved. All processes use the settings within 5 seconds.");
      saved();
    });
  };
  return (
    <form onSubmit={save} noValidate aria-label="Settings">
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {fields.map((field) => (
            <SettingInput
              key={field.path}
              field={field}
              value={texts[field.path] ?? ""}
              error={errorOf(problem, field.path)}
              change={(to) => {
                setNote("");
                setTexts({ ...texts, [field.path]: to });
              }}
            />
          ))}
        </SimpleGrid>
        {rest && <ProblemNote problem={rest} />}
        <Group justify="flex-end">
          <Text size="sm" role="status">
            {note}
          </Text>
          <Button variant="default" disabled={!isChanged || busy} onClick={() => setTexts(stored)}>
            Discard changes
          </Button>
          <Button type="submit" loading={busy} disabled={!isChanged}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
};
