import type { Command } from "commander";
import { counted } from "../../schemas/counted.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, spanOf, table } from "../print.js";

const colors = { closed: paint.green, half_open: paint.yellow, open: paint.red } as const;
const addList = (parent: Command): void => {
  parent
    .command("list", { isDefault: true })
    .description("show the health of each provider over all processes")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ providers }) => {
        const all = await providers.states();
        if (options.json) return sayJson(all);
        const rows = all.map(({ channel, name, type, health }) => {
          if (!health) return [channel, name, type, paint.dim("no recent calls"), "", "", "", ""];
          const { breaker, share, calls, failures, inFlight, receiptP90Ms } = health;
          const errors = calls === 0 ? "–" : `${((failures / calls) * 100).toFixed(1)}%`;
          const state = colors[breaker](breaker.replace("_", " "));
          return [channel, name, type, state, `${share * 100}%`, errors, String(inFlight), receiptP90Ms ? spanOf(receiptP90Ms) : "–"];
        });
        say(table([["channel", "provider", "type", "circuit breaker", "weight", "error rate", "in flight", "receipt p90"], ...rows]));
      }),
    );
};

const addPull = (parent: Command): void => {
  parent
    .command("pull <name>")
    .description("pull missing receipts from a provider now")
    .option("--json", "print JSON")
    .action((name: string, options: { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ providers }) => {
        const progress = createProgress("queried");
        const pulled = await providers.pull(name, progress.at);
        progress.end();
        if (options.json) return sayJson(pulled);
        for (const { channel, asked, reported } of pulled)
          say(`${channel}: queried ${counted(asked, "message")}, ${counted(reported, "receipt")}`);
      }),
    );
};

export const addProvidersCommand = (program: Command): void => {
  const parent = program.command("providers").description("show the providers of each channel and their health");
  addList(parent);
  addPull(parent);
};
