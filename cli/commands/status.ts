import type { Command } from "commander";
import { CarillonError } from "../../schemas/errors.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { say, sayJson } from "../print.js";
import { renderTimeline } from "../timeline.js";
import { waitForFinal } from "../wait-for-final.js";

export const addStatusCommand = (program: Command): void => {
  program
    .command("status <id>")
    .description("show a message's status and every step of its lineage")
    .option("--json", "print JSON")
    .option("--wait", "wait for the final status; exit code 1 unless it is delivered")
    .action((id: string, options: { json?: boolean; wait?: boolean }, command: Command) =>
      withDeployment(command, async (deployment) => {
        const view = options.wait ? await waitForFinal(deployment, id) : await deployment.messages.find(id);
        if (!view)
          throw new CarillonError("NOT_FOUND", `no message has the id ${id}`, {
            fix: "check the id, and which deployment you query: --url, or profile, data folder and database",
          });
        if (options.json) sayJson(view);
        else say(renderTimeline(view, view.to));
        if (options.wait && view.status !== "delivered") process.exitCode = 1;
      }),
    );
};
