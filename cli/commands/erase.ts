import type { Command } from "commander";
import type { Config } from "../../config/schema.js";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { countRecipient, eraseRecipient } from "../../operations/erasure.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { systemClock } from "../../stores/clock.js";
import { notEmpty, positive } from "../arguments.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson } from "../print.js";
import { withSession } from "../session.js";

interface EraseOptions {
  readonly tenant?: string;
  readonly yes?: boolean;
  readonly wait: number;
  readonly json?: boolean;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const untilWhen = ({ topics }: Config, nowMs: number): string =>
  `the log still holds records of them until ${dayOf(nowMs + topics.retentionMs)}, dead letters until ${dayOf(nowMs + topics.deadLetterRetentionMs)}`;

const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

export const addEraseCommand = (program: Command): void => {
  program
    .command("erase")
    .argument("<recipient>", "address, number or endpoint", notEmpty)
    .description("erase a recipient: from lineage, timers and message cache; what has not ended is cancelled")
    .option("--tenant <tenant>", "of this tenant's messages only")
    .option("--yes", "do it; else it is only told how much there is")
    .option("--wait <seconds>", "how long to wait for what is on its way to the lineage", positive, 60)
    .option("--json", "as JSON")
    .action((to: string, { tenant, yes, wait, json }: EraseOptions, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        if (!yes) {
          const count = await countRecipient(stores, { to, tenant });
          return say(`${several(count, "message")} to this recipient; nothing is erased without --yes`);
        }
        await stores.log.ensureTopics(assembly.topics);
        const letters = deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), systemClock);
        const progress = createProgress("erased");
        const tools = { config, stores, assembly, letters, clock: systemClock };
        const erased = await eraseRecipient(tools, { to, tenant, waitMs: wait * 1_000, onProgress: progress.at });
        progress.end();
        const nowMs = systemClock.now();
        if (json) return sayJson({ ...erased, at: new Date(nowMs).toISOString() });
        const { cancelled, deadLetters, complete } = erased;
        say(
          `${paint.green("✔")} ${several(erased.messages, "message")} erased, ${cancelled} of them cancelled; ${several(deadLetters, "dead letter")} given up`,
        );
        say(paint.dim(`  ${untilWhen(config, nowMs)}`));
        if (!complete) {
          say(paint.yellow(`  what was accepted last had not reached the lineage within ${wait} s: do it again`));
          process.exitCode = 1;
        }
      }),
    );
};
