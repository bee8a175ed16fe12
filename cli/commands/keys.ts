import type { Command } from "commander";
import { counted } from "../../schemas/counted.js";
import type { Privacy } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { createProgress, say, sayJson, table } from "../print.js";

/** A running server may have been started with keys that differ from the current configuration. */
const unnamed = "own configuration";

const list = async (privacy: Privacy, json: boolean): Promise<void> => {
  const { keys, active, tenantSecrets } = await privacy.encryption();
  if (json) return sayJson({ keys, active, tenantSecrets });
  if (keys.length === 0) return say("encryption is not configured: see encryption in the configuration");
  const use = (name: string): string => (name === active ? paint.green("encrypt and decrypt") : "decrypt");
  say(table([["key", "use"], ...keys.map((name) => [name, use(name)])]));
  const { current, older, unreadable } = tenantSecrets;
  if (current + older + unreadable > 0) say(`secrets of tenants: ${current} current, ${older} under other keys, ${unreadable} unreadable`);
  if (active === null) say(paint.yellow("no key is active: new data is not encrypted"));
};

const rewrap = async (privacy: Privacy, json: boolean): Promise<void> => {
  const progress = createProgress("rewritten");
  const { documents, tenantSecrets, active, keepMs } = await privacy.rewrap(progress.at);
  progress.end();
  const keepUntil = new Date(Date.now() + keepMs).toISOString();
  if (json) return sayJson({ documents, tenantSecrets, active, keepUntil });
  say(`${paint.green("✔")} ${counted(documents, "document")} ${active ? `re-encrypted with ${active}` : "decrypted"}`);
  if (tenantSecrets > 0) say(`${paint.green("✔")} ${counted(tenantSecrets, "secret")} of tenants re-encrypted`);
  say(paint.dim(`  keep the other keys for the log and dead letters until ${keepUntil.slice(0, 10)}`));
};

export const addKeysCommand = (program: Command): void => {
  const parent = program.command("keys").description("manage the keys that encrypt stored recipients and contents");
  parent
    .command("list")
    .description("list the keys and their use")
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }, command: Command) =>
      withDeployment(command, ({ privacy }) => list(privacy, json === true), unnamed),
    );
  parent
    .command("rewrap")
    .description(
      "re-encrypt all lineage and secrets of tenants with the active key, so that older keys can be removed after the log's retention",
    )
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }, command: Command) =>
      withDeployment(command, ({ privacy }) => rewrap(privacy, json === true), unnamed),
    );
};
