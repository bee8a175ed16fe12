import type { Command } from "commander";
import { CarillonError } from "../../schemas/errors.js";
import { paint } from "../palette.js";
import { createProgress, say, table } from "../print.js";
import { withStores } from "../session.js";

const addList = (parent: Command): void => {
  parent
    .command("list")
    .description("list the keys and their use")
    .action((_options: object, command: Command) =>
      withStores(command, async (_stores, { encryption }) => {
        const names = Object.keys(encryption.keys);
        if (names.length === 0) return say("encryption is not configured: see encryption in the configuration");
        const use = (name: string): string => (name === encryption.active ? paint.green("encrypt and decrypt") : "decrypt");
        say(table([["key", "use"], ...names.map((name) => [name, use(name)])]));
        if (encryption.active === null) say(paint.yellow("no key is active: new data is not encrypted"));
      }),
    );
};

const addRewrap = (parent: Command): void => {
  parent
    .command("rewrap")
    .description("re-encrypt all lineage with the active key, so that older keys can be removed after the log's retention")
    .action((_options: object, command: Command) =>
      withStores(command, async ({ lineage }, { encryption, topics }) => {
        if (!lineage.rewrap)
          throw new CarillonError("CONFIG_INVALID", "no keys are configured", {
            field: "encryption.keys",
            fix: "add keys under encryption.keys",
          });
        const progress = createProgress("documents");
        const changed = await lineage.rewrap(progress.at);
        progress.end();
        const longestMs = Math.max(topics.retentionMs, topics.deadLetterRetentionMs);
        say(`${paint.green("✔")} ${changed} documents ${encryption.active ? `re-encrypted with ${encryption.active}` : "decrypted"}`);
        say(
          paint.dim(
            `  keep the other keys for the log and dead letters until ${new Date(Date.now() + longestMs).toISOString().slice(0, 10)}`,
          ),
        );
      }),
    );
};

export const addKeysCommand = (program: Command): void => {
  const parent = program.command("keys").description("manage the keys that encrypt stored recipients and contents");
  addList(parent);
  addRewrap(parent);
};
