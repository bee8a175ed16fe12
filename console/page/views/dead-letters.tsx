import { Button, Checkbox, Group, Modal, Paper, SegmentedControl, Stack, Table, Text, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { DeadLetterView } from "../../../http/console/views.js";
import type { ViewProps } from "../app.js";
import { ask, Problem, useAsked, withParameters } from "../ask.js";
import { countText, instantText } from "../format.js";
import { Answer, Heading, Nothing, ProblemNote } from "../parts/note.js";
import { Scrolls } from "../parts/scrolls.js";
import { StatusBadge } from "../parts/status.js";

interface Letters {
  readonly total: number;
  readonly letters: readonly DeadLetterView[];
}

const everyMs = 5_000;
const stateWords = { pending: "Pending", redriven: "Retried", discarded: "Discarded" } as const;
const states = [...Object.entries(stateWords).map(([value, label]) => ({ value, label })), { value: "all", label: "All" }];

const printable = (hex: string): string =>
  (hex.match(/../g) ?? [])
    .map((pair) => Number.parseInt(pair, 16))
    .map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : "·"))
    .join("");

const Discard = ({
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
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      const { discarded } = await ask<{ discarded: number }>("/v1/dead-letters/discard", { method: "POST", body: { ids, reason } });
      done(`${discarded} discarded`);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, "Carillon is not responding", []));
    }
  };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit}>
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
          <Button type="submit" color="red">
            Discard
          </Button>
        </Stack>
      </form>
    </Modal>
  );
};

export const DeadLettersView = (_props: ViewProps) => {
  const [state, setState] = useState("pending");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [discarding, setDiscarding] = useState(false);
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const asked = useAsked<Letters>(withParameters("/v1/dead-letters", { state: state === "all" ? "" : state }), everyMs);
  const settled = (text: string): void => {
    setSaid(text);
    setChosen([]);
    setDiscarding(false);
    asked.again();
  };
  const redrive = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const { redriven } = await ask<{ redriven: number }>("/v1/dead-letters/redrive", { method: "POST", body: { ids: chosen } });
      settled(`${redriven} retried`);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, "Carillon is not responding", []));
    }
  };
  return (
    <Stack>
      <Heading title="Dead letters">
        <SegmentedControl
          aria-label="Status"
          value={state}
          onChange={(value) => {
            setState(value);
            setChosen([]);
          }}
          data={states}
        />
      </Heading>
      {discarding && <Discard ids={chosen} done={settled} close={() => setDiscarding(false)} />}
      {problem && <ProblemNote problem={problem} />}
      <Paper withBorder p="md">
        <Group mb="sm">
          <Button disabled={chosen.length === 0} onClick={redrive}>
            Retry {chosen.length > 0 ? chosen.length : ""}
          </Button>
          <Button disabled={chosen.length === 0} color="red" variant="outline" onClick={() => setDiscarding(true)}>
            Discard …
          </Button>
          <Text size="sm" role="status">
            {said}
          </Text>
        </Group>
        <Answer asked={asked}>
          {({ letters, total }) =>
            letters.length === 0 ? (
              <Nothing>{state === "pending" ? "No pending dead letters: every record was processed." : "No dead letters match."}</Nothing>
            ) : (
              <>
                <Scrolls label="Dead letters">
                  <Table>
                    <Table.Thead>
                      <Table.Tr>
                        <Table.Th>
                          <Checkbox
                            aria-label="Select all pending"
                            checked={chosen.length > 0 && chosen.length === letters.filter((letter) => letter.state === "pending").length}
                            indeterminate={
                              chosen.length > 0 && chosen.length < letters.filter((letter) => letter.state === "pending").length
                            }
                            onChange={(event) =>
                              setChosen(
                                event.currentTarget.checked
                                  ? letters.filter((letter) => letter.state === "pending").map(({ id }) => id)
                                  : [],
                              )
                            }
                          />
                        </Table.Th>
                        <Table.Th>Dead-lettered</Table.Th>
                        <Table.Th>Stage, topic</Table.Th>
                        <Table.Th>Error</Table.Th>
                        <Table.Th>Status</Table.Th>
                      </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                      {letters.map((letter) => (
                        <Table.Tr key={letter.id}>
                          <Table.Td>
                            {letter.state === "pending" && (
                              <Checkbox
                                aria-label={`Select ${letter.id}`}
                                checked={chosen.includes(letter.id)}
                                onChange={(event) => {
                                  const { checked } = event.currentTarget;
                                  setChosen((before) => (checked ? [...before, letter.id] : before.filter((id) => id !== letter.id)));
                                }}
                              />
                            )}
                          </Table.Td>
                          <Table.Td style={{ whiteSpace: "nowrap" }}>{instantText(letter.at)}</Table.Td>
                          <Table.Td>
                            {letter.stage}
                            <Text size="xs" c="var(--calm)" style={{ overflowWrap: "anywhere" }}>
                              {letter.topic}
                            </Text>
                          </Table.Td>
                          <Table.Td style={{ minWidth: 260 }}>
                            <Text size="sm" fw={600}>
                              {letter.code}
                            </Text>
                            <Text size="sm">{letter.message}</Text>
                            <details>
                              <summary>Original record, {countText(letter.bytes)} bytes</summary>
                              <pre className="bytes">{printable(letter.head)}</pre>
                              <pre className="bytes">{letter.head.replaceAll(/(..)/g, "$1 ")}</pre>
                            </details>
                          </Table.Td>
                          <Table.Td>
                            <StatusBadge status={letter.state} label={stateWords[letter.state]} />
                            {letter.reason && <Text size="xs">{letter.reason}</Text>}
                          </Table.Td>
                        </Table.Tr>
                      ))}
                    </Table.Tbody>
                  </Table>
                </Scrolls>
                {total > letters.length && (
                  <Text size="sm" mt="sm">
                    Showing the latest {letters.length} of {countText(total)}.
                  </Text>
                )}
              </>
            )
          }
        </Answer>
      </Paper>
    </Stack>
  );
};
