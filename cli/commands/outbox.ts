import type { Command } from "commander";
import { inWords } from "../../channels/in-words.js";
import { CarillonError } from "../../schemas/errors.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import type { OutboxEntry } from "../../sinks/outbox.js";
import { wholeAbove0 } from "../arguments.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { say, sayJson } from "../print.js";

const render = ({ deliveredAt, to, from, content, messageId }: OutboxEntry): string => {
  const heading = content.subject ?? content.title ?? "";
  return [
    ...(heading ? [paint.bold(heading)] : []),
    paint.dim(`to ${to}${from ? ` from ${from}` : ""} · ${deliveredAt} · ${messageId}`),
    content.text ?? content.html ?? "",
    "",
  ].join("\n");
};

export const addOutboxCommand = (program: Command): void => {
  program
    .command("outbox <channel>")
    .description("show the messages that the sandbox delivered, latest first")
    .option("--limit <count>", "maximum number of messages, at most 1000", wholeAbove0(1_000), 10)
    .option("--json", "print JSON")
    .action(async (channel: string, options: { limit: number; json?: boolean }, command: Command) => {
      if (!isChannel(channel))
        throw new CarillonError("INPUT_INVALID", `${channel} is not a channel`, { fix: `give ${inWords(channels)}` });
      const entries = await withDeployment(command, ({ messages }) => messages.outbox(channel, options.limit));
      if (options.json) sayJson(entries);
      else say(entries.length === 0 ? "the outbox is empty" : entries.map(render).join("\n"));
    });
};
