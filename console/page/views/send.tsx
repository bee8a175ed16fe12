import { Alert, Anchor, Button, Group, List, Paper, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type ChangeEvent, type FormEvent, useState } from "react";
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

export const SendView = ({ about }: ViewProps) => {
  const [chosen, setChosen] = useState("");
  const [lane, setLane] = useState("normal");
  const [to, setTo] = useState("");
  const [texts, setTexts] = useState(presets);
  const [template, setTemplate] = useState(own);
  const [variables, setVariables] = useState("{}");
  const [busy, setBusy] = useState(false);
  const [accepted, setAccepted] = useState<Accepted>();
  const [problem, setProblem] = useState<Problem>();
  const form = about.channels.find(({ name }) => name === chosen) ?? about.channels[0];
  const channel = form?.name ?? "";
  const fields = form?.fields ?? [];
  const templates = about.templates.filter((known) => known.channels.includes(channel)).map(({ name }) => name);

  const contentOf = (): Record<string, unknown> => {
    if (template !== own) return { template, variables: JSON.parse(variables) as unknown };
    return { content: Object.fromEntries(fields.map(({ part }) => [part, texts[part] ?? ""])) };
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    setAccepted(undefined);
    try {
      setAccepted(await ask<Accepted>("/v1/messages", { method: "POST", body: { channel, lane, to, ...contentOf() } }));
    } catch (error) {
      const note = error instanceof SyntaxError ? new Problem(0, "Variables are not valid JSON", [error.message]) : undefined;
      setProblem(error instanceof Problem ? error : (note ?? new Problem(0, "Carillon is not responding", [])));
    }
    setBusy(false);
  };
  return (
    <Stack maw={720}>
      <Heading title="Send" />
      <Paper withBorder p="md" component="form" onSubmit={submit}>
        <Stack>
          <Group grow>
            <Select
              label="Channel"
              data={about.channels.map(({ name }) => name)}
              value={channel}
              onChange={(value) => setChosen(value ?? "")}
              allowDeselect={false}
            />
            <Select
              label="Lane"
              data={[...about.lanes]}
              value={lane}
              onChange={(value) => setLane((chosen) => value ?? chosen)}
              allowDeselect={false}
            />
          </Group>
          <TextInput
            label="To"
            description={`Example: ${form?.example ?? ""}`}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            required
          />
          {templates.length > 0 && (
            <Select
              label="Template"
              data={[own, ...templates]}
              value={template}
              onChange={(value) => setTemplate(value ?? own)}
              allowDeselect={false}
            />
          )}
          {template === own ? (
            fields.map(({ part, label }, index) => {
              const value = texts[part] ?? "";
              const change = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void =>
                setTexts({ ...texts, [part]: event.currentTarget.value });
              return index < fields.length - 1 ? (
                <TextInput key={part} label={label} value={value} onChange={change} />
              ) : (
                <Textarea key={part} label={label} value={value} onChange={change} autosize minRows={3} required />
              );
            })
          ) : (
            <Textarea
              label="Variables"
              description="A JSON object"
              value={variables}
              onChange={(event) => setVariables(event.currentTarget.value)}
              autosize
              minRows={3}
            />
          )}
          <Button type="submit" loading={busy}>
            Send
          </Button>
        </Stack>
      </Paper>
      {problem && <ProblemNote problem={problem} />}
      {accepted && (
        <Alert color="green" title="Accepted" role="status">
          <Text size="sm">
            <Anchor href={`#/messages/${encodeURIComponent(accepted.id)}`}>View message {accepted.id}</Anchor>
          </Text>
          {accepted.warnings && (
            <List size="sm">
              {accepted.warnings.map(({ field, problem: what, fix }) => (
                <List.Item key={field}>
                  {field} {what}: {fix}
                </List.Item>
              ))}
            </List>
          )}
        </Alert>
      )}
    </Stack>
  );
};
