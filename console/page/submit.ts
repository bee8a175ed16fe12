import { useState } from "react";
import { asProblem, Problem } from "./ask.js";

export interface Submission {
  readonly busy: boolean;
  /** What ended the latest work; undefined if it succeeded. */
  readonly problem: Problem | undefined;
  readonly submit: (work: () => Promise<void>) => Promise<void>;
}

/** Runs the work of a form or a button, one at a time, and keeps its problem. */
export const useSubmit = (): Submission => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (work: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, submit };
};

const belongsTo = (field: string, shown: string): boolean => field === shown || field.startsWith(`${shown}.`);

/** The faults of a field, which a form shows next to it. */
export const errorOf = (problem: Problem | undefined, shown: string): string | undefined => {
  const texts = (problem?.faults ?? [])
    .filter(({ field }) => belongsTo(field, shown))
    .map(({ field, problem: what, fix }) => `${field === shown ? "" : `${field.slice(shown.length + 1)} `}${what}: ${fix}`);
  return texts.length > 0 ? texts.join(". ") : undefined;
};

/** A problem without the faults that a form shows next to its fields; undefined if nothing is left. */
export const restOf = (problem: Problem | undefined, shown: readonly string[]): Problem | undefined => {
  if (!problem || problem.faults.length === 0) return problem;
  const others = problem.faults.filter(({ field }) => !shown.some((one) => belongsTo(field, one)));
  return others.length === 0 ? undefined : new Problem(problem.status, problem.message, [], others);
};
