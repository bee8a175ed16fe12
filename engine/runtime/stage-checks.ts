import { isWellFormed } from "../../client/well-formed.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Waiting } from "../ask.js";

/** Longest key that stores accept, in bytes. */
const mostIdBytes = 1_500;
/** The latest time of a Date. */
const latestMs = 8.64e15;

const refused = (problem: string, fix: string): CarillonError => new CarillonError("STAGE_FAILED", problem, { fix });

/** Throws STAGE_FAILED for a timer that no store could keep: it would be lost, or block its whole batch. */
export const checkTimer = (id: unknown, dueAtMs: unknown): void => {
  if (typeof id !== "string" || id === "")
    throw refused(`a timer's id is ${typeof id === "string" ? "empty" : typeof id}`, "give a string");
  // stores keep ids in UTF-8: the timer could not be removed by its id, and would fire forever
  if (!isWellFormed(id)) throw refused("a timer's id is not well-formed Unicode", "keep surrogate pairs whole");
  if (id.length * 3 > mostIdBytes && Buffer.byteLength(id) > mostIdBytes)
    throw refused(
      `a timer's id has ${Buffer.byteLength(id)} bytes, but the maximum is ${mostIdBytes}`,
      "give a shorter id, such as a digest",
    );
  if (typeof dueAtMs !== "number" || !(dueAtMs >= 0 && dueAtMs <= latestMs))
    throw refused(`a timer's dueAtMs is ${String(dueAtMs)}`, "give milliseconds since 1970 UTC");
};

/** Detects a non-native promise. Throws STAGE_FAILED for a value that looks like work and is not. */
export const promiseIn = (result: unknown): Promise<unknown> | undefined => {
  if (typeof result !== "object" || result === null) return undefined;
  if ("then" in result && typeof result.then === "function") return Promise.resolve(result);
  if (Symbol.asyncIterator in result && "throw" in result)
    throw refused(
      "a stage returned an async generator, which Carillon does not run",
      "write function* and yield* wait(…), or async without *",
    );
  return undefined;
};

const isQuestion = (waitedFor: unknown): boolean =>
  typeof waitedFor === "object" && waitedFor !== null && "of" in waitedFor && typeof waitedFor.of === "function";

/** Checks a value that a stage yielded. Throws STAGE_FAILED if it cannot be awaited. */
export const waitingOf = (yielded: unknown): Waiting => {
  if (yielded instanceof Promise || isQuestion(yielded)) return yielded as Waiting;
  if (Array.isArray(yielded)) {
    if (yielded.every(isQuestion)) return yielded as Waiting;
    // the mistake is reported below: their rejections must not end the process
    for (const one of yielded) if (one instanceof Promise) one.catch(() => undefined);
  }
  const what = yielded === null ? "null" : Array.isArray(yielded) ? "a list of other values" : typeof yielded;
  throw refused(`a stage yielded ${what}, which cannot be awaited`, "yield* ask(…), yield* askEach(…), or yield* wait(promise)");
};
