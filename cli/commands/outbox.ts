import type { Command } from "commander";
import pc from "picocolors";
import { CarillonError } from "../../schemas/errors.js";
import { isChannel } from "../../schemas/vocabulary.js";
import { createOutbox } from "../../sinks/outbox.js";
import { say, sayJson } from "../print.js";
import { configOf } from "../session.js";

export const addOutboxCommand = (program: Command): void => {
  program
    .command("outbox <channel>")
    .description("show what the sandbox delivered, the latest first")
    .option("--limit <count>", "how many", "10")
    .option("--json", "as JSON")
    .action(async (channel: string, options: { limit: string; json?: boolean }, command: Command) => {
      if (!isChannel(channel)) throw new CarillonError("NOT_FOUND", `${channel} is not a channel`, { fix: "give email, sms or push" });
      const entries = await createOutbox(configOf(command).dataDir).latest(channel, Math.max(1, Number(options.limit) || 10));
      if (options.json) return sayJson(entries);
      if (entries.length === 0) return say("the outbox is empty");
      for (const { deliveredAt, to, from, content, messageId } of entries) {
        say(
          `${pc.bold(content.subject ?? content.title ?? "")}${content.subject || content.title ? "\n" : ""}${pc.dim(`to ${to}${from ? ` from ${from}` : ""} · ${deliveredAt} · ${messageId}`)}`,
        );
        say(`${content.text ?? content.html ?? ""}\n`);
      }
    });
};
