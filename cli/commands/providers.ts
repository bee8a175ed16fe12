import type { Command } from "commander";
import { providerStates } from "../../operations/provider-states.js";
import { CarillonError } from "../../schemas/errors.js";
import { allProviders } from "../../sinks/providers/providers.js";
import { pullReceipts } from "../../sources/pull-receipts.js";
import { systemClock } from "../../stores/clock.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, spanOf, table } from "../print.js";
import { withSession, withStores } from "../session.js";

const colours = { closed: paint.green, half_open: paint.yellow, open: paint.red } as const;
const addList = (parent: Command): void => {
  parent
    .command("list", { isDefault: true })
    .description("show the health of each provider over all processes")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }, command: Command) =>
      withStores(command, async (stores, config) => {
        const all = await providerStates(config, stores.cells);
        if (options.json) return sayJson(all);
        const rows = all.map(({ channel, name, type, health }) => {
          if (!health) return [channel, name, type, paint.dim("no recent calls"), "", "", "", ""];
          const { breaker, share, calls, failures, inFlight, receiptP90Ms } = health;
          const errors = calls === 0 ? "–" : `${((failures / calls) * 100).toFixed(1)}%`;
          const state = colours[breaker](breaker.replace("_", " "));
          return [channel, name, type, state, `${share * 100}%`, errors, String(inFlight), receiptP90Ms ? spanOf(receiptP90Ms) : "–"];
        });
        say(table([["channel", "name", "type", "circuit", "weight", "error rate", "in flight", "receipts p90"], ...rows]));
      }),
    );
};

const addPull = (parent: Command): void => {
  parent
    .command("pull <name>")
    .description("pull missing receipts from a provider now")
    .action((name: string, _options: object, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        const asked = allProviders(assembly.providers).filter((provider) => provider.name === name && provider.pull);
        if (asked.length === 0) {
          throw new CarillonError("NOT_FOUND", `${name} is not in use, or offers no receipts to pull`, { fix: "see carillon providers" });
        }
        const progress = createProgress("pulled");
        const { lineage, cells } = stores;
        const { answered } = assembly.tools;
        const afterMs = config.providers[name]?.pull.afterMs ?? 0;
        for (const provider of asked) {
          const dependencies = {
            lineage,
            cells,
            clock: systemClock,
            answered,
            onProgress: (_: unknown, made: { asked: number }) => progress.at(made.asked),
          };
          const { asked: count, reported } = await pullReceipts(provider, afterMs, dependencies, new AbortController().signal);
          progress.end();
          say(`${provider.channel}: pulled ${count} messages, ${reported} with receipts`);
        }
      }),
    );
};

export const addProvidersCommand = (program: Command): void => {
  const parent = program.command("providers").description("show the providers of each channel and their health");
  addList(parent);
  addPull(parent);
};
