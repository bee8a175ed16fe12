import { InvalidArgumentError } from "commander";
import { tenantProblem } from "../client/one-line.js";

/** A moment, in milliseconds since 1970 UTC. */
export const instant = (text: string): number => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("it must be a time such as 2026-11-22T08:00:00Z");
  return ms;
};

export const positive = (text: string): number => {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("it must be a number above 0");
  return number;
};

/** Whose messages they are, by the rules of a message's own `tenant`. */
export const tenantName = (text: string): string => {
  const problem = tenantProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(`it ${problem}`);
  return text;
};

/** A message's time: digits alone are milliseconds, which neither a shell nor a CSV file can give as a number. */
export const instantText = (text: string): string | number => (/^\d+$/.test(text.trim()) ? Number(text) : text);
