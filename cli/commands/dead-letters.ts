import type { Command } from "commander";
import type { LetterFilter } from "../../operations/dead-letters/letter-pages.js";
import type { LetterView } from "../../operations/dead-letters/letter-view.js";
import { counted } from "../../schemas/counted.js";
import { CarillonError } from "../../schemas/errors.js";
import { instant, positive } from "../arguments.js";
import type { LetterChoice, Letters } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, table } from "../print.js";

interface Selection {
  readonly all?: boolean;
  readonly code?: string;
  readonly stage?: string;
  readonly topic?: string;
  readonly since?: number;
  readonly until?: number;
  readonly text?: string;
}

const selectable = (command: Command): Command =>
  command
    .option("--code <code>", "select by error code")
    .option("--stage <stage>", "select by the stage that failed")
    .option("--topic <topic>", "select by topic or its prefix, such as dispatch.sms")
    .option("--since <time>", "select by time of failure: at or after this time, ISO 8601", instant)
    .option("--until <time>", "select by time of failure: before this time, ISO 8601", instant)
    .option("--text <text>", "select by text in the error or ID");

const filterOf = ({ code, stage, topic, since, until, text }: Selection): LetterFilter => ({
  ...(code === undefined ? {} : { code }),
  ...(stage === undefined ? {} : { stage }),
  ...(topic === undefined ? {} : { topic }),
  ...(since === undefined ? {} : { sinceMs: since }),
  ...(until === undefined ? {} : { untilMs: until }),
  ...(text === undefined ? {} : { text }),
});

const addList = (parent: Command): void => {
  selectable(parent.command("list").description("list pending dead letters, oldest first"))
    .option("--all", "include redriven and discarded dead letters")
    .option("--json", "print JSON")
    .action((options: Selection & { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ letters }) => {
        const filter = filterOf(options);
        const found = await letters.list(options.all ? filter : { ...filter, state: "pending" }, options.json === true);
        if (options.json) return sayJson(found);
        if (found.length === 0) return say("no dead letters");
        const rows = found.map(({ deadLetterId, at, stage, errorCode, state }) => [deadLetterId, at, stage, errorCode, state]);
        say(table([["id", "time", "stage", "error", "status"], ...rows]));
      }),
    );
};

const findLetter = async (letters: Letters, id: string): Promise<LetterView> => {
  const found = await letters.find(id);
  if (found) return found;
  throw new CarillonError("NOT_FOUND", `no dead letter has the id ${id}`, {
    fix: "list all dead letters: carillon dead-letters list --all",
  });
};

const stateOf = ({ state, settledAt, reason }: LetterView): string => {
  if (state === "pending") return paint.yellow("pending");
  return state === "redriven" ? paint.green(`redriven ${settledAt}`) : paint.red(`discarded ${settledAt}: ${reason}`);
};

const addShow = (parent: Command): void => {
  parent
    .command("show <id>")
    .description("show a dead letter with its original bytes")
    .option("--json", "print JSON, with bytes in base64")
    .action((id: string, options: { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ letters }) => {
        const letter = await findLetter(letters, id);
        if (options.json) return sayJson(letter);
        const value = letter.value === null ? null : Buffer.from(letter.value, "base64");
        say(`${paint.bold(letter.deadLetterId)}  ${stateOf(letter)}`);
        say(`${paint.red(letter.errorCode)} in ${letter.stage}: ${letter.errorMessage}`);
        say(paint.dim(`at ${letter.at} by ${letter.instance}; ${counted(value?.length ?? 0, "byte")}:`));
        say(
          value
            ?.toString("hex")
            .replaceAll(/(.{2})(?=.)/g, "$1 ")
            .slice(0, 3_000) ?? "(null)",
        );
      }),
    );
};

/** The letters selected by id or filter. Throws INPUT_INVALID if neither is given, NOT_FOUND for an unknown id. */
const choiceOf = async (letters: Letters, id: string | undefined, options: Selection, what: string): Promise<LetterChoice> => {
  const filter = filterOf(options);
  if (id !== undefined) return { id: (await findLetter(letters, id)).deadLetterId };
  if (!options.all && Object.keys(filter).length === 0) {
    throw new CarillonError("INPUT_INVALID", `select the dead letters to ${what}`, {
      fix: "give an id, a filter such as --code, or --all",
    });
  }
  return { filter };
};

const addRedrive = (parent: Command): void => {
  selectable(parent.command("redrive [id]").description("return dead letters to their original topics, by ID or by filter"))
    .option("--all", "all pending dead letters")
    .option("--rate <per second>", "maximum number per second", positive(100_000))
    .option("--json", "print JSON")
    .action((id: string | undefined, options: Selection & { rate?: number; json?: boolean }, command: Command) =>
      withDeployment(command, async ({ letters }) => {
        const choice = await choiceOf(letters, id, options, "redrive");
        const progress = createProgress("redriven");
        const count = await letters.redrive(choice, options.rate, progress.at);
        progress.end();
        if (options.json) return sayJson({ redriven: count });
        say(`${count} redriven`);
      }),
    );
};

const addDiscard = (parent: Command): void => {
  selectable(
    parent.command("discard [id]").description("discard dead letters for good, by ID or by filter; their messages end as cancelled"),
  )
    .option("--all", "all pending dead letters")
    .requiredOption("--reason <text>", "the reason, recorded in the messages' lineage")
    .option("--json", "print JSON")
    .action((id: string | undefined, options: Selection & { reason: string; json?: boolean }, command: Command) =>
      withDeployment(command, async ({ letters }) => {
        const choice = await choiceOf(letters, id, options, "discard");
        const count = await letters.discard(choice, options.reason);
        if (options.json) return sayJson({ discarded: count });
        say(`${count} discarded`);
      }),
    );
};

export const addDeadLettersCommand = (program: Command): void => {
  const parent = program
    .command("dead-letters")
    .description("inspect, redrive and discard dead letters: records that no stage could process");
  addList(parent);
  addShow(parent);
  addRedrive(parent);
  addDiscard(parent);
};
