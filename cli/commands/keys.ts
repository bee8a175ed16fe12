import type { Command } from "commander";
import type { Privacy } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, table } from "../print.js";

/** A running server may have been started with keys that differ from the current configuration. */
const unnamed = "own configuration";

const list = async (privacy: Privacy): Promise<void> => {
  const { keys, active } = await privacy.encryption();
  if (keys.length === 0) return say("encryption is not configured: see encryption in the configuration");
  const use = (name: string): string => (name === active ? paint.green("encrypt and decrypt") : "decrypt");
  say(table([["key", "use"], ...keys.map((name) => [name, use(name)])]));
  if (active === null) say(paint.yellow("no key is active: new data is not encrypted"));
};

const rewrap = async (privacy: Privacy): Promise<void> => {
  const progress = createProgress("documents");
  const { documents, active, keepMs } = await privacy.rewrap(progress.at);
  progress.end();
  say(`${paint.green("✔")} ${documents} documents ${active ? `re-encrypted with ${active}` : "decrypted"}`);
  say(paint.dim(`  keep the other keys for the log and dead letters until ${new Date(Date.now() + keepMs).toISOString().slice(0, 10)}`));
};

export const addKeysCommand = (program: Command): void => {
  const parent = program.command("keys").description("manage the keys that encrypt stored recipients and contents");
  parent
    .command("list")
    .description("list the keys and their use")
    .action((_options: object, command: Command) => withDeployment(command, ({ privacy }) => list(privacy), unnamed));
  parent
    .command("rewrap")
    .description("re-encrypt all lineage with the active key, so that older keys can be removed after the log's retention")
    .action((_options: object, command: Command) => withDeployment(command, ({ privacy }) => rewrap(privacy), unnamed));
};
