import type { Command } from "commander";
import type { DeadLetters, LetterFilter, StoredDeadLetter } from "../../operations/dead-letters/dead-letters.js";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { CarillonError } from "../../schemas/errors.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import { instant, positive } from "../arguments.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, table } from "../print.js";
import { type Session, withSession } from "../session.js";

const most = 100_000;

const open = async ({ config, stores, assembly }: Session): Promise<DeadLetters> => {
  await stores.log.ensureTopics(assembly.topics);
  return deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), systemClock);
};

const jsonOf = ({ letter, settled }: StoredDeadLetter) => ({
  ...letter,
  key: letter.key?.toString("base64") ?? null,
  value: letter.value?.toString("base64") ?? null,
  headers: Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, value.toString("base64")])),
  at: new Date(letter.at).toISOString(),
  state: settled?.how ?? "waits",
  settledAt: settled?.at ?? null,
  reason: settled?.reason ?? null,
});

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
    .option("--since <time>", "select those dead-lettered at or after this time, ISO 8601", instant)
    .option("--until <time>", "select those dead-lettered before this time, ISO 8601", instant)
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
      withSession(command, async (session) => {
        const filter = filterOf(options);
        const letters = await (await open(session)).list(options.all ? filter : { ...filter, state: "waits" }, most);
        if (options.json) return sayJson(letters.map(jsonOf));
        if (letters.length === 0) return say("no dead letters");
        const rows = letters.map(({ letter, settled }) => [
          letter.deadLetterId,
          new Date(letter.at).toISOString(),
          letter.stage,
          letter.errorCode,
          settled?.how ?? "pending",
        ]);
        say(table([["id", "at", "stage", "error", "status"], ...rows]));
      }),
    );
};

const find = async (session: Session, id: string): Promise<{ letters: DeadLetters; stored: StoredDeadLetter }> => {
  const letters = await open(session);
  const stored = (await letters.list({}, most)).find(({ letter }) => letter.deadLetterId === id);
  if (!stored)
    throw new CarillonError("NOT_FOUND", `no dead letter has the id ${id}`, {
      fix: "list all dead letters: carillon dead-letters list --all",
    });
  return { letters, stored };
};

const stateOf = ({ settled }: StoredDeadLetter): string => {
  if (!settled) return paint.yellow("pending");
  return settled.how === "redriven" ? paint.green(`redriven ${settled.at}`) : paint.red(`discarded ${settled.at}: ${settled.reason}`);
};

const addShow = (parent: Command): void => {
  parent
    .command("show <id>")
    .description("show a dead letter with its original bytes")
    .option("--json", "print JSON, with bytes in base64")
    .action((id: string, options: { json?: boolean }, command: Command) =>
      withSession(command, async (session) => {
        const { stored } = await find(session, id);
        if (options.json) return sayJson(jsonOf(stored));
        const { letter } = stored;
        say(`${paint.bold(letter.deadLetterId)}  ${stateOf(stored)}`);
        say(`${paint.red(letter.errorCode)} in ${letter.stage}: ${letter.errorMessage}`);
        say(paint.dim(`at ${new Date(letter.at).toISOString()} by ${letter.instance}; ${letter.value?.length ?? 0} bytes:`));
        say(
          letter.value
            ?.toString("hex")
            .replaceAll(/(.{2})(?=.)/g, "$1 ")
            .slice(0, 3_000) ?? "(null)",
        );
      }),
    );
};

/** The letters selected by id or filter. Throws INPUT_INVALID if neither selects any. */
const chosen = async (session: Session, id: string | undefined, options: Selection, what: string) => {
  const filter = filterOf(options);
  if (id !== undefined) {
    const { letters, stored } = await find(session, id);
    return { letters, some: [stored] };
  }
  if (!options.all && Object.keys(filter).length === 0) {
    throw new CarillonError("INPUT_INVALID", `select the dead letters to ${what}`, {
      fix: "give an id, a filter such as --code, or --all",
    });
  }
  const letters = await open(session);
  return { letters, some: await letters.list({ ...filter, state: "waits" }, most) };
};

const addRedrive = (parent: Command): void => {
  selectable(parent.command("redrive [id]").description("return dead letters to their original topics, by ID or by filter"))
    .option("--all", "all pending dead letters")
    .option("--rate <per second>", "maximum number per second", positive)
    .action((id: string | undefined, options: Selection & { rate?: number }, command: Command) =>
      withSession(command, async (session) => {
        const { letters, some } = await chosen(session, id, options, "redrive");
        const progress = createProgress("redriven");
        const count = await letters.redrive(some, { ...(options.rate ? { perSecond: options.rate } : {}), onProgress: progress.at });
        progress.end();
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
    .action((id: string | undefined, options: Selection & { reason: string }, command: Command) =>
      withSession(command, async (session) => {
        const { letters, some } = await chosen(session, id, options, "discard");
        say(`${await letters.discard(some, options.reason)} discarded`);
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
