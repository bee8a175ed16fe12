import type { Command } from "commander";
import { whyOf } from "../../operations/why.js";
import { createReports } from "../../reports/reports.js";
import { searchParameters } from "../../reports/search.js";
import { CarillonError } from "../../schemas/errors.js";
import { systemClock } from "../../stores/clock.js";
import { notEmpty } from "../arguments.js";
import { paint } from "../palette.js";
import { say, sayJson } from "../print.js";
import { withStores } from "../session.js";

const mostShown = 5;

export const addWhyCommand = (program: Command): void => {
  program
    .command("why")
    .argument("<recipientOrId>", "a message's id, or a recipient", notEmpty)
    .description("explain the status of a message in one line, or of a recipient's latest messages")
    .option("--json", "print JSON")
    .action((wanted: string, options: { json?: boolean }, command: Command) =>
      withStores(command, async (stores, config) => {
        const reports = createReports(config, stores.lineage, systemClock);
        const { messages } = await reports.search(searchParameters.parse({ q: wanted, limit: mostShown }), undefined);
        const documents = (await Promise.all(messages.map(({ _id }) => stores.lineage.find(_id)))).filter((found) => found !== undefined);
        if (documents.length === 0)
          throw new CarillonError("NOT_FOUND", `no message has the recipient or id ${wanted}`, {
            fix: "check the spelling, the profile, and the data folder or database",
          });
        if (options.json) return sayJson(documents.map((document) => ({ id: document._id, why: whyOf(document) })));
        for (const document of documents) {
          const what = `${document.channel}${document.template ? ` ${document.template}` : ""}`;
          say(`${paint.bold(what)} ${paint.dim(`of ${document.acceptedAt.toISOString().slice(0, 19)}Z, ${document._id}`)}`);
          say(`  ${whyOf(document)}`);
        }
      }),
    );
};
