import type { Command } from "commander";
import { CarillonError } from "../schemas/errors.js";
import { commandReach } from "./command-reach.js";
import { paint } from "./palette.js";
import { sayAside } from "./print.js";

/** The words that call a command: `dead-letters list`. */
export const wordsOf = (command: Command): string => {
  const words: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) words.unshift(at.name());
  return words.join(" ");
};

/** Every command that does something. Commands with subcommands only lead to them. */
export const leavesOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);

/** Refuses --url if a command works only on the server's machine. Prints that the variable is not used. */
export const assertReach = (command: Command, environment: NodeJS.ProcessEnv): void => {
  const words = wordsOf(command);
  const reach = Object.hasOwn(commandReach, words) ? commandReach[words] : undefined;
  if (!reach) throw new Error(`carillon ${words} does not declare where it works: list it in cli/command-reach.ts`);
  if (reach.where === "anywhere") return;
  if (reach.takesUrl) {
    if (environment.CARILLON_URL && command.optsWithGlobals<{ url?: string }>().url === undefined)
      sayAside(`${paint.yellow("▲")} CARILLON_URL is ignored: carillon ${words} checks a server only with --url`);
    return;
  }
  if (command.optsWithGlobals<{ url?: string }>().url !== undefined)
    throw new CarillonError("INPUT_INVALID", `carillon ${words} runs only on the machine of the server: ${reach.why}`, {
      field: "--url",
      fix: "run the command on that machine, without --url",
    });
  if (environment.CARILLON_URL)
    sayAside(`${paint.yellow("▲")} CARILLON_URL is ignored: carillon ${words} runs only on the machine of the server`);
};
