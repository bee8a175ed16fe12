import type { Finding } from "../channels/finding.js";

/** A line that was not imported. */
export interface FailedLine {
  readonly line: number;
  readonly errors: readonly Finding[];
}

/** Most failed lines, and errors of one line, that a report lists. It counts all of them. */
const most = { lines: 1_000, errors: 10 } as const;

/** Counts failed lines and keeps the first ones. */
export const createFailedLines = () => {
  const kept: FailedLine[] = [];
  let count = 0;
  return {
    add: (line: number, errors: readonly Finding[]): void => {
      count += 1;
      if (kept.length < most.lines) kept.push({ line, errors: errors.slice(0, most.errors) });
    },
    count: (): number => count,
    listed: (): readonly FailedLine[] => [...kept].sort((one, other) => one.line - other.line),
  };
};

export type FailedLines = ReturnType<typeof createFailedLines>;
