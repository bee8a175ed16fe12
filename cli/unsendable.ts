import { CarillonError } from "../schemas/errors.js";
import type { FieldNote } from "./deployment/deployment.js";

/** The error of a message with these invalid fields. */
export const unsendable = (errors: readonly FieldNote[]): CarillonError => {
  const list = errors.map(({ field, problem, fix }) => `  ${field} ${problem}: ${fix}`);
  return new CarillonError("INPUT_INVALID", `the message is invalid:\n${list.join("\n")}`);
};
