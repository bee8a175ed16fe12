import type { Command } from "commander";
import pc from "picocolors";
import { CarillonError } from "../../schemas/errors.js";
import { channels } from "../../schemas/vocabulary.js";
import { providersOf } from "../../service/policy.js";
import { allProviders } from "../../service/providers.js";
import { readHealth } from "../../sinks/routing/health-exchange.js";
import type { HealthReport } from "../../sinks/routing/provider-health.js";
import { pullReports } from "../../sources/pull.js";
import { systemClock } from "../../stores/clock.js";
import { createProgress, say, sayJson, spanOf, table } from "../print.js";
import { withSession, withStores } from "../session.js";

const colours = { closed: pc.green, half_open: pc.yellow, open: pc.red } as const;
const worst = ["open", "half_open", "closed"] as const;

/** What all processes tell of one provider, taken together. */
const together = (reports: readonly HealthReport[]) => ({
  calls: reports.reduce((sum, { calls }) => sum + calls, 0),
  failures: reports.reduce((sum, { failures }) => sum + failures, 0),
  inFlight: reports.reduce((sum, { inFlight }) => sum + inFlight, 0),
  breaker: worst.find((state) => reports.some(({ breaker }) => breaker === state)),
  share: Math.min(...reports.map(({ share }) => share)),
  receiptP90Ms: Math.max(...reports.map(({ receiptP90Ms }) => receiptP90Ms ?? 0)),
});

const addList = (parent: Command): void => {
  parent
    .command("list", { isDefault: true })
    .description("how each provider fares, over all processes")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }, command: Command) =>
      withStores(command, async (stores, config) => {
        const told = [...(await readHealth(stores.cells)).values()];
        const all = channels.flatMap((channel) =>
          providersOf(config.channels[channel]).map((name) => {
            const reports = told.flatMap((reports) => reports[`${channel}/${name}`] ?? []);
            return { channel, name, type: config.providers[name]?.type ?? "", health: reports.length > 0 ? together(reports) : null };
          }),
        );
        if (options.json) return sayJson(all);
        const rows = all.map(({ channel, name, type, health }) => {
          if (!health) return [channel, name, type, pc.dim("not used of late"), "", "", "", ""];
          const { breaker = "closed", share, calls, failures, inFlight, receiptP90Ms } = health;
          const errors = calls === 0 ? "–" : `${((failures / calls) * 100).toFixed(1)} %`;
          const state = colours[breaker](breaker.replace("_", " "));
          return [channel, name, type, state, `${share * 100} %`, errors, String(inFlight), receiptP90Ms ? spanOf(receiptP90Ms) : "–"];
        });
        say(table([["channel", "name", "type", "breaker", "keeps", "errors", "in hand", "receipts p90"], ...rows]));
      }),
    );
};

const addPull = (parent: Command): void => {
  parent
    .command("pull <name>")
    .description("ask a provider now for what it did not report")
    .action((name: string, _options: object, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        const asked = allProviders(assembly.providers).filter((provider) => provider.name === name && provider.pull);
        if (asked.length === 0) {
          throw new CarillonError("NOT_FOUND", `${name} is not in use, or cannot be asked`, { fix: "carillon providers lists them" });
        }
        const progress = createProgress("asked for");
        const { lineage, cells } = stores;
        const { report } = assembly.tools;
        const afterMs = config.providers[name]?.pull.afterMs ?? 0;
        for (const provider of asked) {
          const dependencies = {
            lineage,
            cells,
            clock: systemClock,
            report,
            onProgress: (_: unknown, made: { asked: number }) => progress.at(made.asked),
          };
          const { asked: count, reported } = await pullReports(provider, afterMs, dependencies, new AbortController().signal);
          progress.end();
          say(`${provider.channel}: asked for ${count} messages, heard of ${reported}`);
        }
      }),
    );
};

export const addProvidersCommand = (program: Command): void => {
  const parent = program.command("providers").description("the ways out");
  addList(parent);
  addPull(parent);
};
