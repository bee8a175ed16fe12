import type { Command } from "commander";
import { viewOf } from "../../operations/message-view.js";
import { CarillonError } from "../../schemas/errors.js";
import { say, sayJson } from "../print.js";
import { assertServed, withStores } from "../session.js";
import { renderTimeline } from "../timeline.js";
import { waitForFinal } from "../wait-for-final.js";

export const addStatusCommand = (program: Command): void => {
  program
    .command("status <id>")
    .description("show a message's status and every step of its lineage")
    .option("--json", "print JSON")
    .option("--wait", "wait for the final status; exit code 1 unless it is delivered")
    .action((id: string, options: { json?: boolean; wait?: boolean }, command: Command) =>
      withStores(command, async (stores, config) => {
        const document = options.wait ? await waitForFinal(stores.lineage, id, () => assertServed(config)) : await stores.lineage.find(id);
        if (!document)
          throw new CarillonError("NOT_FOUND", `no message has the id ${id}`, {
            fix: "check the id, the profile, and the data folder or database",
          });
        if (options.json) sayJson(viewOf(document));
        else say(renderTimeline(viewOf(document), document.to));
        if (options.wait && document.status !== "delivered") process.exitCode = 1;
      }),
    );
};
