import { Button, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Fault, Problem } from "../ask.js";
import { countText } from "../format.js";
import { Scrolls } from "./scrolls.js";

export interface FailedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly errors: readonly Fault[];
}

/** The invalid lines in a problem of a whole list, whose fields begin with `line 7: `. */
export const failedLinesOf = (problem: Problem | undefined): readonly FailedLine[] => {
  const lines = new Map<number, Fault[]>();
  for (const fault of problem?.faults ?? []) {
    const [, line, field = ""] = /^line (\d+): (.*)$/.exec(fault.field) ?? [];
    if (line !== undefined) lines.set(Number(line), [...(lines.get(Number(line)) ?? []), { ...fault, field }]);
  }
  return [...lines].map(([line, errors]) => ({ line, errors }));
};

const atOnce = 100;

/** Invalid lines of a list, the first hundred at first. `all`: the number of all invalid lines. */
export const FailedLines = ({ failed, all }: { readonly failed: readonly FailedLine[]; readonly all: number }) => {
  const [most, setMost] = useState(atOnce);
  return (
    <>
      <Scrolls label="Invalid lines">
        <Table aria-label="Invalid lines">
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="numbers">Line</Table.Th>
              <Table.Th>Field</Table.Th>
              <Table.Th>Problem</Table.Th>
              <Table.Th>Fix</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {failed.slice(0, most).flatMap(({ line, errors }) =>
              errors.map(({ field, problem, fix }) => (
                <Table.Tr key={`${line} ${field} ${problem}`}>
                  <Table.Td className="numbers">{line}</Table.Td>
                  <Table.Td className="anywhere" miw={150}>
                    {field}
                  </Table.Td>
                  <Table.Td className="anywhere">{problem}</Table.Td>
                  <Table.Td className="anywhere">{fix}</Table.Td>
                </Table.Tr>
              )),
            )}
          </Table.Tbody>
        </Table>
      </Scrolls>
      {failed.length > most && (
        <Button variant="default" onClick={() => setMost(most + atOnce)}>
          Show more
        </Button>
      )}
      {all > failed.length && (
        <Text size="sm">
          The first {countText(failed.length)} of {countText(all)} invalid lines are listed.
        </Text>
      )}
    </>
  );
};
