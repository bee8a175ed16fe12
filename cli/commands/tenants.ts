import { type Command, Option } from "commander";
import { allScopes } from "../../access/scopes.js";
import type { KeyView } from "../../operations/tenants/key-desk.js";
import type { TenantView } from "../../operations/tenants/tenant-desk.js";
import { duration, durationForms, instant, wholeAbove0 } from "../arguments.js";
import type { TenantAdministration } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { paint } from "../palette.js";
import { say, sayAside, sayJson, table } from "../print.js";
import { addTenantProviders } from "./tenant-providers.js";
import { addTenantSettings } from "./tenant-settings.js";
import { addTenantWebhook } from "./tenant-webhook.js";
import { addTokenKeys } from "./token-keys.js";

interface Json {
  readonly json?: boolean;
}

const jsonOption = ["--json", "print JSON"] as const;

const run = (command: Command, work: (tenants: TenantAdministration) => Promise<void>): Promise<void> =>
  withDeployment(command, ({ tenants }) => work(tenants));

const sayTenants = (tenants: readonly TenantView[]): void =>
  say(table([["tenant", "name", "status", "created"], ...tenants.map(({ id, name, status, createdAt }) => [id, name, status, createdAt])]));

const addTenants = (parent: Command): void => {
  parent
    .command("list")
    .description("list the tenants")
    .option(...jsonOption)
    .action(({ json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const all = await tenants.list();
        json ? sayJson(all) : sayTenants(all);
      }),
    );
  parent
    .command("create <tenant>")
    .description("create a tenant")
    .option("--name <name>", "its name; default: the same as its ID")
    .option(...jsonOption)
    .action((id: string, { name, json }: Json & { readonly name?: string }, command: Command) =>
      run(command, async (tenants) => {
        const created = await tenants.create({ id, ...(name === undefined ? {} : { name }) });
        json ? sayJson(created) : say(`tenant ${id} created`);
      }),
    );
  parent
    .command("change <tenant>")
    .description("rename, suspend or reactivate a tenant; keys of a suspended tenant are refused")
    .option("--name <name>", "its new name")
    .addOption(new Option("--status <status>", "its new status").choices(["active", "suspended"]))
    .option(...jsonOption)
    .action(
      (id: string, { json, ...change }: Json & { readonly name?: string; readonly status?: "active" | "suspended" }, command: Command) =>
        run(command, async (tenants) => {
          const changed = await tenants.change(id, change);
          json ? sayJson(changed) : sayTenants([changed]);
        }),
    );
  parent
    .command("delete <tenant>")
    .description("delete a tenant and revoke its keys; its messages stay until their retention ends")
    .option(...jsonOption)
    .action((id: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        await tenants.delete(id);
        json ? sayJson({ id }) : say(`tenant ${id} deleted`);
      }),
    );
};

const stateOf = ({ state }: KeyView): string => (state === "valid" ? paint.green(state) : paint.dim(state));

const sayKeys = (keys: readonly KeyView[]): void => {
  if (keys.length === 0) {
    say("the tenant has no stored keys");
    return;
  }
  const rows = keys.map((key) => [
    ...[key.id, key.name, key.scopes.join(", "), key.test ? "test" : "live", stateOf(key)],
    ...[key.expiresAt ?? "never", key.lastUsedAt ?? "–"],
  ]);
  say(table([["key", "name", "scopes", "mode", "state", "expires", "last used"], ...rows]));
};

/** The key alone on standard output, so that a script can store it. */
const sayIssued = ({ id, key }: { readonly id: string; readonly key: string }, json: boolean | undefined): void => {
  if (json) sayJson({ id, key });
  else {
    sayAside(`key ${id}, which is shown only now:`);
    say(key);
  }
};

interface KeyOptions extends Json {
  readonly scopes: string;
  readonly name?: string;
  readonly test?: boolean;
  /** In milliseconds since 1970 UTC. */
  readonly expires?: number;
}

const addKeys = (parent: Command): void => {
  parent
    .command("keys <tenant>")
    .description("list the stored keys of a tenant, newest first")
    .option(...jsonOption)
    .action((id: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const keys = await tenants.keys(id);
        json ? sayJson(keys) : sayKeys(keys);
      }),
    );
  parent
    .command("create-key <tenant>")
    .description("create a key of a tenant, and print it once")
    .requiredOption("--scopes <scopes>", `its scopes, separated by commas: ${allScopes.join(", ")}`)
    .option("--name <name>", "its name")
    .option("--test", "a key that reaches the sandbox only")
    .option("--expires <time>", "when it becomes invalid, ISO 8601", instant)
    .option(...jsonOption)
    .action((id: string, { scopes, name, test, expires, json }: KeyOptions, command: Command) =>
      run(command, async (tenants) => {
        const input = {
          scopes: scopes.split(",").map((scope) => scope.trim()),
          ...(name === undefined ? {} : { name }),
          ...(test ? { test } : {}),
          ...(expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }),
        };
        sayIssued(await tenants.createKey(id, input), json);
      }),
    );
  parent
    .command("rotate-key <tenant> <key>")
    .description("replace a key by a new one with the same scopes, and print it once")
    .addOption(
      new Option("--overlap <duration>", `how long the former key stays valid, at most 720h: ${durationForms}`)
        .argParser(duration(720 * 3_600_000))
        .default(86_400_000, "24h"),
    )
    .option(...jsonOption)
    .action((id: string, key: string, { overlap, json }: Json & { readonly overlap: number }, command: Command) =>
      run(command, async (tenants) => sayIssued(await tenants.rotateKey(id, key, { overlapMs: overlap }), json)),
    );
  parent
    .command("revoke-key <tenant> <key>")
    .description("revoke a key; all processes refuse it within 5 seconds")
    .option(...jsonOption)
    .action((id: string, key: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        await tenants.revokeKey(id, key);
        json ? sayJson({ id: key }) : say(`key ${key} revoked`);
      }),
    );
};

const addAudit = (parent: Command): void => {
  parent
    .command("audit")
    .description("list administrative changes, latest first")
    .option("--tenant <tenant>", "only changes of this tenant")
    .addOption(new Option("--limit <number>", "at most this many changes").argParser(wholeAbove0(1_000)).default(50))
    .option(...jsonOption)
    .action(({ tenant, limit, json }: Json & { readonly tenant?: string; readonly limit: number }, command: Command) =>
      run(command, async (tenants) => {
        const entries = await tenants.audit(tenant, limit);
        if (json) return sayJson(entries);
        const rows = entries.map((one) => [one.at, one.actor, one.action, one.tenant ?? "–", one.target]);
        say(table([["time", "actor", "action", "tenant", "target"], ...rows]));
      }),
    );
};

export const addTenantsCommand = (program: Command): void => {
  const parent = program.command("tenants").description("manage tenants, their settings and keys, and list administrative changes");
  addTenants(parent);
  addTenantSettings(parent);
  addKeys(parent);
  addTenantProviders(parent);
  addTokenKeys(parent);
  addTenantWebhook(parent);
  addAudit(parent);
};
