import { type Command, Option } from "commander";
import { counted } from "../../schemas/counted.js";
import { duration, durationForms, notEmpty } from "../arguments.js";
import type { ErasureReport } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson } from "../print.js";

interface EraseOptions {
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

export const addEraseCommand = (program: Command): void => {
  program
    .command("erase")
    .argument("<recipient>", "address, number or endpoint", notEmpty)
    .description("erase a recipient from lineage, timers, the message cache and the addresses of users, and cancel messages in progress")
    .option("--tenant <tenant>", "only this tenant's messages")
    .option("--yes", "erase; without this option, only count the messages")
    .addOption(
      new Option("--wait <duration>", `how long to wait for events that are not yet in the lineage store, at most 10min: ${durationForms}`)
        .argParser(duration(600_000))
        .default(60_000, "60s"),
    )
    .option("--json", "print JSON")
    .action((to: string, { tenant, yes, wait, json }: EraseOptions, command: Command) =>
      withDeployment(command, async ({ privacy }) => {
        if (!yes) return sayCount(await privacy.count({ to, tenant }), json);
        const progress = createProgress("erased");
        const report = await privacy.erase({ to, tenant, waitMs: wait }, progress.at);
        progress.end();
        const { erased, at } = report;
        if (!erased.complete) process.exitCode = 1;
        if (json) sayJson({ ...erased, at });
        else sayErased(report, wait);
      }),
    );
};
