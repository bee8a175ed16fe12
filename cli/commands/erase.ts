import type { Command } from "commander";
import { notEmpty, positive } from "../arguments.js";
import type { ErasureReport } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson } from "../print.js";

interface EraseOptions {
  readonly tenant?: string;
  readonly yes?: boolean;
  readonly wait: number;
  readonly json?: boolean;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const untilWhen = ({ at, retentionMs, deadLetterRetentionMs }: ErasureReport): string => {
  const nowMs = Date.parse(at);
  return `the log keeps their records until ${dayOf(nowMs + retentionMs)} and dead letters until ${dayOf(nowMs + deadLetterRetentionMs)}`;
};

const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

export const addEraseCommand = (program: Command): void => {
  program
    .command("erase")
    .argument("<recipient>", "address, number or endpoint", notEmpty)
    .description("erase a recipient from lineage, timers and the message cache, and cancel messages in progress")
    .option("--tenant <tenant>", "only this tenant's messages")
    .option("--yes", "erase; without this option, only count the messages")
    .option("--wait <seconds>", "how long to wait for events that are not yet in the lineage store", positive, 60)
    .option("--json", "print JSON")
    .action((to: string, { tenant, yes, wait, json }: EraseOptions, command: Command) =>
      withDeployment(command, async ({ privacy }) => {
        if (!yes) {
          const count = await privacy.count({ to, tenant });
          return say(`${several(count, "message")} to this recipient; add --yes to erase`);
        }
        const progress = createProgress("erased");
        const report = await privacy.erase({ to, tenant, waitMs: Math.round(wait * 1_000) }, progress.at);
        progress.end();
        const { erased, at } = report;
        if (json) return sayJson({ ...erased, at });
        const { cancelled, deadLetters, complete } = erased;
        say(
          `${paint.green("✔")} ${several(erased.messages, "message")} erased, ${cancelled} of them cancelled; ${several(deadLetters, "dead letter")} discarded`,
        );
        say(paint.dim(`  ${untilWhen(report)}`));
        if (!complete) {
          say(paint.yellow(`  the latest messages did not reach the lineage store within ${wait} s: run the command again`));
          process.exitCode = 1;
        }
      }),
    );
};
