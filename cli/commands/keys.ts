import type { Command } from "commander";
import { CarillonError } from "../../schemas/errors.js";
import { paint } from "../palette.js";
import { createProgress, say, table } from "../print.js";
import { withStores } from "../session.js";

const addList = (parent: Command): void => {
  parent
    .command("list")
    .description("list them, and what each is for")
    .action((_options: object, command: Command) =>
      withStores(command, async (_stores, { encryption }) => {
        const names = Object.keys(encryption.keys);
        if (names.length === 0) return say("nothing is encrypted: see encryption in the configuration");
        const use = (name: string): string => (name === encryption.active ? paint.green("encrypts and reads") : "reads");
        say(table([["key", "use"], ...names.map((name) => [name, use(name)])]));
        if (encryption.active === null) say(paint.yellow("no key is active: nothing more is encrypted"));
      }),
    );
};

const addRewrap = (parent: Command): void => {
  parent
    .command("rewrap")
    .description("encrypt all lineage anew under the active key, so that older ones can go once the log has forgotten them")
    .action((_options: object, command: Command) =>
      withStores(command, async ({ lineage }, { encryption, topics }) => {
        if (!lineage.rewrap)
          throw new CarillonError("CONFIG_INVALID", "no keys are configured", {
            field: "encryption.keys",
            fix: "name them under encryption.keys",
          });
        const progress = createProgress("documents");
        const changed = await lineage.rewrap(progress.at);
        progress.end();
        const longestMs = Math.max(topics.retentionMs, topics.deadLetterRetentionMs);
        say(`${paint.green("✔")} ${changed} documents are now ${encryption.active ? `under ${encryption.active}` : "readable"}`);
        say(
          paint.dim(`  log and dead letters may need the other keys until ${new Date(Date.now() + longestMs).toISOString().slice(0, 10)}`),
        );
      }),
    );
};

export const addKeysCommand = (program: Command): void => {
  const parent = program.command("keys").description("what recipients and contents are encrypted with where they are stored");
  addList(parent);
  addRewrap(parent);
};
