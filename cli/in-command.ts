import type { Command } from "commander";
import { CarillonError } from "../schemas/errors.js";
import { commandReach } from "./command-reach.js";
import { wordsOf } from "./command-tree.js";

/** Commands whose fields are the message's own, not options. */
const ofMessages: readonly string[] = ["send", "import"];

/** The field of a parameter in a server's refusal, or in an error of the stores. */
const fieldOf = (error: CarillonError): { readonly field: string; readonly problem: string } | undefined => {
  if (error.field !== undefined) return { field: error.field, problem: error.problem };
  const [only, ...others] = "fields" in error ? (error.fields as { field: string; problem: string }[]) : [];
  return others.length === 0 ? only : undefined;
};

/** The option that sets a parameter: `--target-age` for `targetAgeMs`. */
const optionOf = (command: Command, field: string): string | undefined => {
  const name = field.replace(/^filter\./, "").replace(/Ms$/, "");
  return command.options.find((option) => option.attributeName() === name)?.long ?? undefined;
};

/** The error with the command's own names: of the command that needs another key, and of the option that sets a wrong parameter. */
export const inCommand = (command: Command, error: unknown): unknown => {
  if (!(error instanceof CarillonError)) return error;
  const words = wordsOf(command);
  const reach = commandReach[words];
  if (error.code === "FORBIDDEN" && reach?.where === "anywhere" && reach.access === "operator")
    return new CarillonError("FORBIDDEN", `carillon ${words} needs an operator's key: ${error.message}`, {
      // no cause: it would repeat the same words
      fix: "give an operator's key in CARILLON_API_KEY or with --key-file: an entry of the server's http.apiKeys with role: operator, or a key with the scope operate",
    });
  const wrong = ofMessages.includes(words) ? undefined : fieldOf(error);
  const option = wrong && optionOf(command, wrong.field);
  if (wrong === undefined || option === undefined) return error;
  return new CarillonError(error.code, wrong.problem, { field: option, ...(error.fix === undefined ? {} : { fix: error.fix }) });
};
