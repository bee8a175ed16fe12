import { InvalidArgumentError } from "commander";

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
