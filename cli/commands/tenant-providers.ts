import type { Command } from "commander";
import { readConfigFile } from "../../config/read-config-file.js";
import { resolveReferences } from "../../config/references.js";
import type { OwnProviderView } from "../../operations/tenants/provider-desk.js";
import type { OwnRouteView } from "../../operations/tenants/route-desk.js";
import { CarillonError } from "../../schemas/errors.js";
import { withDeployment } from "../deployment/open-deployment.js";
import type { OwnProviderAdministration } from "../deployment/own-provider-administration.js";
import { say, sayJson, table } from "../print.js";

interface Json {
  readonly json?: boolean;
}

const jsonOption = ["--json", "print JSON"] as const;

const run = (command: Command, work: (tenants: OwnProviderAdministration) => Promise<void>): Promise<void> =>
  withDeployment(command, ({ tenants }) => work(tenants));

const sayProviders = (providers: readonly OwnProviderView[]): void => {
  const rows = providers.map(({ name, type, channels, secrets }) => [name, type, channels.join(", "), secrets.join(", ") || "–"]);
  say(rows.length === 0 ? "the tenant has no providers of its own" : table([["provider", "type", "channels", "secrets"], ...rows]));
};

const sayRoutes = (routes: readonly OwnRouteView[]): void => {
  const rows = routes.map(({ channel, providers }) => [channel, providers.join(", ")]);
  say(rows.length === 0 ? "the tenant has no routes of its own" : table([["channel", "providers"], ...rows]));
};

const howToGive = `give secrets as \${env:NAME} or \${file:PATH}`;

/** The provider in a file, whose secrets come from the environment or other files, as in the configuration. */
const readProvider = (path: string): unknown => {
  const found = { problems: [] as string[], secrets: [], replaced: new Set<string>(), variables: new Set<string>() };
  const provider = resolveReferences(readConfigFile(path), "", process.env, found);
  if (found.problems.length === 0) return provider;
  throw new CarillonError("INPUT_INVALID", found.problems.join("; "), { field: path, fix: howToGive });
};

const addProviders = (parent: Command): void => {
  parent
    .command("providers <tenant>")
    .description("list the providers of a tenant's own")
    .option(...jsonOption)
    .action((tenant: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const all = await tenants.providers(tenant);
        json ? sayJson(all) : sayProviders(all);
      }),
    );
  parent
    .command("set-provider <tenant> <name> <file>")
    .description("create or replace a provider of a tenant's own from a YAML or JSON file with type, options and secrets")
    .option(...jsonOption)
    .action((tenant: string, name: string, file: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const set = await tenants.setProvider(tenant, name, readProvider(file));
        json ? sayJson(set) : sayProviders([set]);
      }),
    );
  parent
    .command("remove-provider <tenant> <name>")
    .description("remove a provider of a tenant's own that no route names")
    .option(...jsonOption)
    .action((tenant: string, name: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        await tenants.removeProvider(tenant, name);
        json ? sayJson({ name }) : say(`provider ${name} removed`);
      }),
    );
};

const addRoutes = (parent: Command): void => {
  parent
    .command("routes <tenant>")
    .description("list the routes of a tenant's own")
    .option(...jsonOption)
    .action((tenant: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const all = await tenants.routes(tenant);
        json ? sayJson(all) : sayRoutes(all);
      }),
    );
  parent
    .command("set-route <tenant> <channel> <providers>")
    .description("set the providers of a tenant's messages of a channel, separated by commas, in the order of their use")
    .option(...jsonOption)
    .action((tenant: string, channel: string, providers: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const names = providers.split(",").map((name) => name.trim());
        const set = await tenants.setRoute(tenant, channel, names);
        json ? sayJson(set) : sayRoutes([set]);
      }),
    );
  parent
    .command("remove-route <tenant> <channel>")
    .description("remove a route of a tenant's own; the routes of the configuration apply again")
    .option(...jsonOption)
    .action((tenant: string, channel: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        await tenants.removeRoute(tenant, channel);
        json ? sayJson({ channel }) : say(`route of ${channel} removed`);
      }),
    );
};

export const addTenantProviders = (parent: Command): void => {
  addProviders(parent);
  addRoutes(parent);
};
