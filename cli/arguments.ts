import { InvalidArgumentError } from "commander";
import { tenantProblem } from "../channels/one-line.js";
import { readInstant } from "../client/instant.js";

/** A time, in milliseconds since 1970 UTC. */
export const instant = (text: string): number => {
  const read = readInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (typeof read !== "number")
    throw new InvalidArgumentError(`It ${read.problem}: give a time such as 2026-11-22T08:00:00Z or 2026-11-22.`);
  return read;
};

export const positive = (text: string): number => {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return number;
};

export const wholeAbove0 = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
};

export const notEmpty = (text: string): string => {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty.");
  return text;
};

/** A tenant's name, by the rules of a message's own `tenant`. */
export const tenantName = (text: string): string => {
  const problem = tenantProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
  return text;
};

/** A message's time. Digits alone are milliseconds, because shells and CSV files have no numbers. */
export const instantText = (text: string): string | number => (/^\d+$/.test(text.trim()) ? Number(text) : text);
