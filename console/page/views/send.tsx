import { Alert, Anchor, Button, Group, List, Paper, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type ChangeEvent, type FormEvent, useState } from "react";
import type { ChannelView } from "../../../http/console/views.js";
import type { ViewProps } from "../app.js";
import { ask, Problem } from "../ask.js";
import { Heading, ProblemNote } from "../parts/note.js";

interface Accepted {
  readonly id: string;
  readonly warnings?: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
}

/** Initial values of the form. */
const presets: Readonly<Record<string, string>> = { subject: "Hello", title: "Hello", text: "Hi there" };

const own = "None (use the text below)";

interface Sending {
  /** Sends the message. The function may throw a SyntaxError, because a part of the message is typed as JSON. */
  send(messageOf: () => Record<string, unknown>): Promise<void>;
  readonly busy: boolean;
  readonly accepted: Accepted | undefined;
  readonly problem: Problem | undefined;
}

const useSend = (): Sending => {
  const [busy, setBusy] = useState(false);
  const [accepted, setAccepted] = useState<Accepted>();
  const [problem, setProblem] = useState<Problem>();
  const send = async (messageOf: () => Record<string, unknown>): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    setAccepted(undefined);
    try {
      setAccepted(await ask<Accepted>("/v1/messages", { method: "POST", body: messageOf() }));
    } catch (error) {
      const note = error instanceof SyntaxError ? new Problem(0, "Variables are not valid JSON", [error.message]) : undefined;
      setProblem(error instanceof Problem ? error : (note ?? new Problem(0, "Carillon is not responding", [])));
    }
    setBusy(false);
  };
  return { send, busy, accepted, problem };
};

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly choose: (value: string) => void;
}

/** A choice of exactly one option. */
const Choice = ({ label, options, value, choose }: ChoiceProps) => (
  <Select
    label={label}
    data={[...options]}
    value={value}
    onChange={(chosen) => {
      if (chosen !== null) choose(chosen);
    }}
    allowDeselect={false}
  />
);

interface ContentFieldsProps {
  readonly fields: ChannelView["fields"];
  /** The text of each part. */
  readonly texts: Readonly<Record<string, string>>;
  readonly change: (texts: Readonly<Record<string, string>>) => void;
}

/** A field for each part of the content. The last one has several lines. */
const ContentFields = ({ fields, texts, change }: ContentFieldsProps) =>
  fields.map(({ part, label }, index) => {
    const value = texts[part] ?? "";
    const changed = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void =>
      change({ ...texts, [part]: event.currentTarget.value });
    return index < fields.length - 1 ? (
      <TextInput key={part} label={label} value={value} onChange={changed} />
    ) : (
      <Textarea key={part} label={label} value={value} onChange={changed} autosize minRows={3} required />
    );
  });

const VariablesField = ({ value, change }: { readonly value: string; readonly change: (value: string) => void }) => (
  <Textarea
    label="Variables"
    description="A JSON object"
    value={value}
    onChange={(event) => change(event.currentTarget.value)}
    autosize
    minRows={3}
  />
);

const AcceptedNote = ({ accepted: { id, warnings } }: { readonly accepted: Accepted }) => (
  <Alert color="green" title="Accepted" role="status">
    <Text size="sm">
      <Anchor href={`#/messages/${encodeURIComponent(id)}`}>View message {id}</Anchor>
    </Text>
    {warnings && (
      <List size="sm">
        {warnings.map(({ field, problem: what, fix }) => (
          <List.Item key={field}>
            {field} {what}: {fix}
          </List.Item>
        ))}
      </List>
    )}
  </Alert>
);

export const SendView = ({ about }: ViewProps) => {
  const [chosen, setChosen] = useState("");
  const [lane, setLane] = useState("normal");
  const [to, setTo] = useState("");
  const [texts, setTexts] = useState(presets);
  const [template, setTemplate] = useState(own);
  const [variables, setVariables] = useState("{}");
  const { send, busy, accepted, problem } = useSend();
  const form = about.channels.find(({ name }) => name === chosen) ?? about.channels[0];
  const channel = form?.name ?? "";
  const fields = form?.fields ?? [];
  const templates = about.templates.filter((known) => known.channels.includes(channel)).map(({ name }) => name);

  const contentOf = (): Record<string, unknown> => {
    if (template !== own) return { template, variables: JSON.parse(variables) as unknown };
    return { content: Object.fromEntries(fields.map(({ part }) => [part, texts[part] ?? ""])) };
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send(() => ({ channel, lane, to, ...contentOf() }));
  };
  return (
    <Stack maw={720}>
      <Heading title="Send" />
      <Paper withBorder p="md" component="form" onSubmit={submit}>
        <Stack>
          <Group grow>
            <Choice label="Channel" options={about.channels.map(({ name }) => name)} value={channel} choose={setChosen} />
            <Choice label="Lane" options={about.lanes} value={lane} choose={setLane} />
          </Group>
          <TextInput
            label="To"
            description={`Example: ${form?.example ?? ""}`}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            required
          />
          {templates.length > 0 && <Choice label="Template" options={[own, ...templates]} value={template} choose={setTemplate} />}
          {template === own ? (
            <ContentFields fields={fields} texts={texts} change={setTexts} />
          ) : (
            <VariablesField value={variables} change={setVariables} />
          )}
          <Button type="submit" loading={busy}>
            Send
          </Button>
        </Stack>
      </Paper>
      {problem && <ProblemNote problem={problem} />}
      {accepted && <AcceptedNote accepted={accepted} />}
    </Stack>
  );
};
