import type { Command } from "commander";
import pc from "picocolors";
import { CarillonError } from "../../schemas/errors.js";
import { namesOf } from "../../service/names.js";
import { createDeadLetters, type DeadLetters, type StoredDeadLetter } from "../../sinks/dead-letters.js";
import { say, sayJson, table } from "../print.js";
import { type Session, withSession } from "../session.js";

const most = 10_000;

const open = async ({ config, stores, assembly }: Session): Promise<DeadLetters> => {
  await stores.log.ensureTopics(assembly.topics);
  return createDeadLetters({
    log: stores.log,
    claims: stores.claims,
    codec: assembly.codecs.of(assembly.families.deadLetters),
    topic: namesOf(config).topicOf("dead-letters"),
    retentionMs: config.topics.deadLetterRetentionMs,
    now: Date.now,
  });
};

const jsonOf = ({ letter, redrivenAt }: StoredDeadLetter) => ({
  ...letter,
  key: letter.key?.toString("base64") ?? null,
  value: letter.value?.toString("base64") ?? null,
  headers: Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, value.toString("base64")])),
  at: new Date(letter.at).toISOString(),
  redrivenAt: redrivenAt ?? null,
});

interface Selection {
  readonly all?: boolean;
  readonly code?: string;
  readonly stage?: string;
}

const selects =
  ({ code, stage }: Selection) =>
  ({ letter }: StoredDeadLetter): boolean =>
    (code === undefined || letter.errorCode === code) && (stage === undefined || letter.stage === stage);

const addList = (parent: Command): void => {
  parent
    .command("list")
    .description("list them, the oldest first")
    .option("--all", "also those that were redriven")
    .option("--code <code>", "only those of this error code")
    .option("--stage <stage>", "only those that this stage gave up")
    .option("--json", "as JSON")
    .action((options: Selection & { json?: boolean }, command: Command) =>
      withSession(command, async (session) => {
        const letters = (await (await open(session)).list(most)).filter(
          (stored) => (options.all || !stored.redrivenAt) && selects(options)(stored),
        );
        if (options.json) return sayJson(letters.map(jsonOf));
        if (letters.length === 0) return say("there are no dead letters");
        const rows = letters.map(({ letter, redrivenAt }) => [
          letter.deadLetterId,
          new Date(letter.at).toISOString(),
          letter.stage,
          letter.errorCode,
          redrivenAt ? "redriven" : "waits",
        ]);
        say(table([["id", "at", "stage", "error", ""], ...rows]));
      }),
    );
};

const find = async (session: Session, id: string): Promise<{ letters: DeadLetters; stored: StoredDeadLetter }> => {
  const letters = await open(session);
  const stored = (await letters.list(most)).find(({ letter }) => letter.deadLetterId === id);
  if (!stored)
    throw new CarillonError("NOT_FOUND", `there is no dead letter ${id}`, { fix: "carillon dead-letters list --all shows them" });
  return { letters, stored };
};

const addShow = (parent: Command): void => {
  parent
    .command("show <id>")
    .description("show one with its original bytes")
    .option("--json", "as JSON, bytes in base64")
    .action((id: string, options: { json?: boolean }, command: Command) =>
      withSession(command, async (session) => {
        const { stored } = await find(session, id);
        if (options.json) return sayJson(jsonOf(stored));
        const { letter, redrivenAt } = stored;
        say(`${pc.bold(letter.deadLetterId)}  ${redrivenAt ? pc.green(`redriven ${redrivenAt}`) : pc.yellow("waits")}`);
        say(`${pc.red(letter.errorCode)} in ${letter.stage}: ${letter.errorMessage}`);
        say(pc.dim(`at ${new Date(letter.at).toISOString()} by ${letter.instance}; ${letter.value?.length ?? 0} bytes:`));
        say(
          letter.value
            ?.toString("hex")
            .replaceAll(/(.{2})(?=.)/g, "$1 ")
            .slice(0, 3_000) ?? "(null)",
        );
      }),
    );
};

const addRedrive = (parent: Command): void => {
  parent
    .command("redrive [id]")
    .description("put one, or by --all, --code or --stage many, back where they were")
    .option("--all", "all that wait")
    .option("--code <code>", "those of this error code")
    .option("--stage <stage>", "those that this stage gave up")
    .action((id: string | undefined, options: Selection, command: Command) =>
      withSession(command, async (session) => {
        if (id === undefined && !options.all && !options.code && !options.stage) {
          throw new CarillonError("NOT_FOUND", "nothing is named to redrive", { fix: "give an id, --all, --code or --stage" });
        }
        if (id !== undefined) {
          const { letters, stored } = await find(session, id);
          return say(`${await letters.redrive([stored])} put back`);
        }
        const letters = await open(session);
        say(`${await letters.redrive((await letters.list(most)).filter(selects(options)))} put back`);
      }),
    );
};

export const addDeadLettersCommand = (program: Command): void => {
  const parent = program.command("dead-letters").description("what no stage could process");
  addList(parent);
  addShow(parent);
  addRedrive(parent);
};
