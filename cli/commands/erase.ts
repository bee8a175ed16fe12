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
  `the log keeps their records until ${dayOf(nowMs + topics.retentionMs)} and dead letters until ${dayOf(nowMs + topics.deadLetterRetentionMs)}`;

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
      withSession(command, async ({ config, stores, assembly }) => {
        if (!yes) {
          const count = await countRecipient(stores, { to, tenant });
          return say(`${several(count, "message")} to this recipient; add --yes to erase`);
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
          `${paint.green("✔")} ${several(erased.messages, "message")} erased, ${cancelled} of them cancelled; ${several(deadLetters, "dead letter")} discarded`,
        );
        say(paint.dim(`  ${untilWhen(config, nowMs)}`));
        if (!complete) {
          say(paint.yellow(`  the latest messages did not reach the lineage store within ${wait} s: run the command again`));
          process.exitCode = 1;
        }
      }),
    );
};
