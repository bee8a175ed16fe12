import type { Command } from "commander";
import { CarillonError } from "../../schemas/errors.js";
import { notEmpty } from "../arguments.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { say, sayJson } from "../print.js";

const mostShown = 5;

export const addWhyCommand = (program: Command): void => {
  program
    .command("why")
    .argument("<recipientOrId>", "a message's id, or a recipient", notEmpty)
    .description("explain the status of a message in one line, or of a recipient's latest messages")
    .option("--json", "print JSON")
    .action((wanted: string, options: { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ messages }) => {
        const views = await messages.latestOf(wanted, mostShown);
        if (views.length === 0)
          throw new CarillonError("NOT_FOUND", `no message has the recipient or id ${wanted}`, {
            fix: "check the recipient or id, and which deployment you query: --url, or profile, data folder and database",
          });
        if (options.json) return sayJson(views.map(({ id, why }) => ({ id, why })));
        for (const { id, channel, template, acceptedAt, why } of views) {
          const what = `${channel}${template ? ` ${template}` : ""}`;
          say(`${paint.bold(what)} ${paint.dim(`of ${acceptedAt.slice(0, 19).replace("T", " ")} UTC, ${id}`)}`);
          say(`  ${why}`);
        }
      }),
    );
};
