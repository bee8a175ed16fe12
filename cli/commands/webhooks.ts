import type { Command } from "commander";
import type { WebhookView } from "../../operations/webhook-desk.js";
import { counted } from "../../schemas/counted.js";
import { instant } from "../arguments.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, table } from "../print.js";

const stateOf = ({ state, problem }: WebhookView): string => {
  if (problem !== null && problem !== undefined) return paint.red(problem);
  if (!state) return paint.green("healthy");
  const since = new Date(state.disabledAt ?? state.failingSince).toISOString();
  const how = state.disabledAt ? paint.red(`disabled since ${since}`) : paint.yellow(`failing since ${since}`);
  return `${how}: ${state.lastFailure}`;
};

const addList = (parent: Command): void => {
  parent
    .command("list")
    .description("list the webhooks and their status")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ webhooks }) => {
        const all = await webhooks.list();
        if (options.json) return sayJson(all);
        if (all.length === 0)
          return say("there are no webhooks: see webhooks.tenants in the configuration, and carillon tenants set-webhook");
        const rows = all.map((one) => [one.tenant, one.own ? "tenant" : "configuration", one.host, one.kinds.join(", "), stateOf(one)]);
        say(table([["tenant", "set by", "host", "events", "status"], ...rows]));
      }),
    );
};

const addEnable = (parent: Command): void => {
  parent
    .command("enable <tenant>")
    .description("re-enable a webhook, and replay the events that it missed")
    .option("--replay-from <time>", "replay all events since this time, ISO 8601", instant)
    .option("--json", "print JSON")
    .action((tenant: string, { replayFrom, json }: { replayFrom?: number; json?: boolean }, command: Command) =>
      withDeployment(command, async ({ webhooks }) => {
        const progress = createProgress("replayed");
        const replayed = await webhooks.enable({ tenant, replayFromMs: replayFrom }, progress.at);
        progress.end();
        if (json) return sayJson({ tenant, replayed });
        say(`webhook of ${tenant} enabled`);
        if (replayed !== null) say(`${counted(replayed, "event")} replayed`);
      }),
    );
};

export const addWebhooksCommand = (program: Command): void => {
  const parent = program.command("webhooks").description("list and re-enable the tenants' webhooks");
  addList(parent);
  addEnable(parent);
};
