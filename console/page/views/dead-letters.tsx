import { Button, Group, Paper, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { DeadLetterView } from "../../../http/console/views.js";
import type { List } from "../../../http/contract/list.js";
import type { ViewProps } from "../app.js";
import { ask, useAsked, withParameters } from "../ask.js";
import { countText } from "../format.js";
import { Answer, Heading, Nothing, ProblemNote } from "../parts/note.js";
import { useSubmit } from "../submit.js";
import { DeadLetterTable, stateWords } from "./dead-letter-table.js";
import { DiscardDeadLetters } from "./discard-dead-letters.js";

type Letters = List<DeadLetterView> & { readonly total: number };

const everyMs = 5_000;
const states = [...Object.entries(stateWords).map(([value, label]) => ({ value, label })), { value: "all", label: "All" }];

interface ActionsProps {
  /** Number of dead letters that an action applies to. */
  readonly count: number;
  readonly busy: boolean;
  readonly retry: () => void;
  readonly discard: () => void;
  /** The result of the latest action. */
  readonly done: string;
}

const Actions = ({ count, busy, retry, discard, done }: ActionsProps) => (
  <Group mb="sm">
    <Button disabled={count === 0} loading={busy} onClick={retry}>
      Retry {count > 0 ? count : ""}
    </Button>
    <Button disabled={count === 0} color="red" variant="outline" onClick={discard}>
      Discard …
    </Button>
    <Text size="sm" role="status">
      {done}
    </Text>
  </Group>
);

export const DeadLettersView = (_props: ViewProps) => {
  const [state, setState] = useState("pending");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [discarding, setDiscarding] = useState(false);
  const [said, setSaid] = useState("");
  const { busy, problem, submit } = useSubmit();
  const asked = useAsked<Letters>(withParameters("/v1/dead-letters", { state: state === "all" ? "" : state }), everyMs);
  const settled = (text: string): void => {
    setSaid(text);
    setChosen([]);
    setDiscarding(false);
    asked.again();
  };
  const redrive = (): Promise<void> =>
    submit(async () => {
      const { redriven } = await ask<{ redriven: number }>("/v1/dead-letters/redrive", { method: "POST", body: { ids: chosen } });
      settled(`${redriven} retried`);
    });
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
      {discarding && <DiscardDeadLetters ids={chosen} done={settled} close={() => setDiscarding(false)} />}
      {problem && <ProblemNote problem={problem} />}
      <Paper withBorder p="md">
        <Actions count={chosen.length} busy={busy} retry={redrive} discard={() => setDiscarding(true)} done={said} />
        <Answer asked={asked}>
          {({ items, total }) =>
            items.length === 0 ? (
              <Nothing>{state === "pending" ? "No pending dead letters: every record was processed." : "No dead letters match."}</Nothing>
            ) : (
              <>
                <DeadLetterTable letters={items} chosen={chosen} choose={setChosen} />
                {total > items.length && (
                  <Text size="sm" mt="sm">
                    Showing the latest {items.length} of {countText(total)}.
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
