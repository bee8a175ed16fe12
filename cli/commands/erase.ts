import { type Command, Option } from "commander";
import type { RecipientQuestion } from "../../operations/erased-recipient.js";
import { counted } from "../../schemas/counted.js";
import { CarillonError } from "../../schemas/errors.js";
import { duration, durationForms, notEmpty } from "../arguments.js";
import type { ErasureReport } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson } from "../print.js";

interface EraseOptions {
  readonly user?: string;
  readonly tenant?: string;
  readonly yes?: boolean;
  /** In milliseconds. */
  readonly wait: number;
  readonly json?: boolean;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const untilWhen = ({ at, retentionMs, deadLetterRetentionMs }: ErasureReport): string => {
  const nowMs = Date.parse(at);
  return `the log keeps their records until ${dayOf(nowMs + retentionMs)} and dead letters until ${dayOf(nowMs + deadLetterRetentionMs)}`;
};

const sayCount = (messages: number, json: boolean | undefined): void => {
  if (json) sayJson({ messages, erased: false });
  else say(`${counted(messages, "message")} to this recipient; add --yes to erase`);
};

const sayErased = (report: ErasureReport, waitMs: number): void => {
  // a server of the version before has no users
  const { cancelled, deadLetters, users = 0, complete, messages } = report.erased;
  say(
    `${paint.green("✔")} ${counted(messages, "message")} erased, ${cancelled} of them cancelled; ${counted(deadLetters, "dead letter")} discarded; ${counted(users, "user")} lost the address`,
  );
  say(paint.dim(`  ${untilWhen(report)}`));
  if (!complete)
    say(paint.yellow(`  the latest messages did not reach the lineage store within ${waitMs / 1_000} s: run the command again`));
};

const recipientOf = ({ to, user, tenant }: RecipientQuestion): RecipientQuestion => {
  if ((to === undefined) === (user === undefined))
    throw new CarillonError("INPUT_INVALID", "the recipient is missing, or given twice", { fix: "give an address, or --user" });
  if (user !== undefined && tenant === undefined)
    throw new CarillonError("INPUT_INVALID", "is missing", { field: "--tenant", fix: "give the tenant of the user" });
  return { ...(to === undefined ? { user } : { to }), ...(tenant === undefined ? {} : { tenant }) };
};

export const addEraseCommand = (program: Command): void => {
  program
    .command("erase")
    .argument("[recipient]", "address, number or endpoint", notEmpty)
    .description("erase a recipient from lineage, timers, the message cache and the addresses of users, and cancel messages in progress")
    .option(
      "--user <id>",
      "a user of the directory, instead of an address: with its messages, and without its entry in the directory",
      notEmpty,
    )
    .option("--tenant <tenant>", "only this tenant's messages; required with --user")
    .option("--yes", "erase; without this option, only count the messages")
    .addOption(
      new Option("--wait <duration>", `how long to wait for events that are not yet in the lineage store, at most 10min: ${durationForms}`)
        .argParser(duration(600_000))
        .default(60_000, "60s"),
    )
    .option("--json", "print JSON")
    .action((to: string | undefined, { user, tenant, yes, wait, json }: EraseOptions, command: Command) =>
      withDeployment(command, async ({ privacy }) => {
        const recipient = recipientOf({ to, user, tenant });
        if (!yes) return sayCount(await privacy.count(recipient), json);
        const progress = createProgress("erased");
        const report = await privacy.erase({ ...recipient, waitMs: wait }, progress.at);
        progress.end();
        const { erased, at } = report;
        if (!erased.complete) process.exitCode = 1;
        if (json) sayJson({ ...erased, at });
        else sayErased(report, wait);
      }),
    );
};
