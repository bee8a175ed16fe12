import { type Command, CommanderError } from "commander";
import { expect, it } from "vitest";
import { leavesOf, wordsOf } from "../../cli/command-tree.js";
import { createProgram } from "../../cli/main.js";
import { ownVersion } from "../../wire/own-version.js";

const readable = (command: Command, refusal: { text: string }): void => {
  command.exitOverride().configureOutput({
    writeOut: (text) => {
      refusal.text += text;
    },
    writeErr: (text) => {
      refusal.text += text;
    },
  });
  for (const one of command.commands) readable(one, refusal);
};

/** What the parser prints for arguments that end it. */
const printed = async (...args: string[]): Promise<string> => {
  const program = await createProgram(args);
  const refusal = { text: "" };
  readable(program, refusal);
  await expect(program.parseAsync(["node", "carillon", ...args])).rejects.toThrow(CommanderError);
  return refusal.text;
};

it.each(["--version", "-V"])("prints its version with %s", async (flag) => {
  expect(await printed(flag)).toBe(`${ownVersion()}\n`);
});

it("takes every default in the form that it shows", async () => {
  for (const command of leavesOf(await createProgram()))
    for (const option of command.options) {
      const { defaultValue, defaultValueDescription, parseArg } = option;
      if (defaultValue === undefined || parseArg === undefined) continue;
      const shown = defaultValueDescription ?? String(defaultValue);
      expect(parseArg(shown, undefined), `carillon ${wordsOf(command)} ${option.flags}`).toEqual(defaultValue);
    }
});

it.each([
  [["plan", "--for", "10000"], "'--for <duration>' argument '10000' is invalid. It is 10000 s: give at most 600 s"],
  [["plan", "--for", "soon"], "Give a duration: 500ms, 10s, 2min or 1h; without a unit, seconds."],
  [["plan", "--target-age", "0.1ms"], "'--target-age <duration>' argument '0.1ms' is invalid"],
  [["erase", "someone", "--wait", "1h"], "'--wait <duration>' argument '1h' is invalid. It is 3600 s: give at most 600 s"],
  [["outbox", "sms", "--limit", "1001"], "It must be a whole number from 1 to 1000."],
  [["dead-letters", "redrive", "--all", "--rate", "100001"], "It must be a number above 0 and at most 100000."],
])("refuses %j, and names the option", async (args, words) => {
  expect(await printed(...args)).toContain(words);
});
