import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { addKey } from "../../access/change-keys.js";
import { newTenant } from "../../access/configured-tenants.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { newWebhookSecret, sealWebhookSecret } from "../../sinks/webhooks/own-webhook.js";
import { createTenantSecrets, type TenantSecrets } from "../../stores/sealed/tenant-secrets.js";
import type { Stores } from "../../stores/stores.js";
import type { Tenant, TenantPut } from "../../stores/tenants/tenants.js";
import { commandLine, type Ended } from "./command-line.js";
import { eventually } from "./eventually.js";
import { scratchFolder } from "./scratch.js";

export const serverKeys = { sender: "acme-0123456789abcdef", operator: "operations-0123456789" } as const;
export const deliveredTo = "success+remote@sandbox.carillon.test";
/** The bytes of the dead letter, and its id. */
export const poison = "not Avro at all";
export const letterId = "carillon.requests.bulk/0/0";

const settingsOf = (dataDir: string): object => ({
  dataDir,
  http: {
    port: 0,
    apiKeys: [
      { tenant: "acme", key: `\${env:SENDER_KEY}` },
      { tenant: "operations", key: `\${env:OPERATOR_KEY}`, role: "operator" },
    ],
  },
  webhooks: { tenants: { hooked: { url: "https://hooks.carillon.test/in", secret: `\${env:HOOK_SECRET}` } } },
  encryption: { keys: { first: { secret: `\${env:STORE_KEY}` } }, active: "first" },
});
const secrets = {
  SENDER_KEY: serverKeys.sender,
  OPERATOR_KEY: serverKeys.operator,
  HOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  STORE_KEY: Buffer.alloc(32, 5).toString("base64"),
};

/** Tenants that nothing else needs. */
export const spareTenants = ["spare-1", "spare-2", "spare-3"] as const;

/** Providers and routes of acme that nothing else needs. */
export const spareProviders = ["spare1", "spare2", "spare3"] as const;
export const spareRoutes = ["push", "sms"] as const;

const withSpares = ({ settings, ...tenant }: TenantPut): TenantPut => {
  const providers = Object.fromEntries(spareProviders.map((name) => [name, { type: "smtp", options: {}, secrets: {} }]));
  const routes = Object.fromEntries(spareRoutes.map((channel) => [channel, ["sandbox"]]));
  return { ...tenant, settings: { ...settings, providers, routes } };
};

/** Stores users and groups of the tenant of the operator's key. */
const plantUsers = async ({ directory, subscriptions }: Stores): Promise<void> => {
  const tenant = "operations";
  const addresses = (id: string) => ({ email: `${id}@example.com`, sms: null });
  const users = ["ann", "cleo", "dan", "spare-1", "spare-2"];
  await directory.put(users.map((id) => ({ tenant, id, addresses: addresses(id), locale: null, timeZone: null, attributes: {} })));
  const named = [["news", "News"] as const, ["spare-1", "Spare"] as const, ["spare-2", "Spare"] as const];
  await subscriptions.putGroups(named.map(([group, name]) => ({ tenant, group, name, attributes: {} })));
  const members = ["ann", "dan"].map((user) => ({ user, channels: [] }));
  await subscriptions.join({ tenant, group: "news" }, members);
};

/** Tenants with a webhook of their own. */
export const hookedTenants = ["hooked-1", "hooked-2", "hooked-3", "hooked-4"] as const;

const withWebhook = (tenant: TenantPut, seals: TenantSecrets): TenantPut => {
  const secrets = [sealWebhookSecret(tenant.id, newWebhookSecret(), seals)];
  const webhook = { url: `https://${tenant.id}.carillon.test/in`, secrets, kinds: ["final"], createdAt: new Date() };
  return { ...tenant, settings: { ...tenant.settings, webhook } };
};

/** Stores the spare tenants, and two keys of acme with its spare providers and routes. */
const plantTenants = async ({ tenants, keys }: Stores): Promise<void> => {
  for (const id of spareTenants) await tenants.put(newTenant(id, id));
  for (const id of hookedTenants) await tenants.put(withWebhook(newTenant(id, id), createTenantSecrets(keys)));
  await eventually(
    () => tenants.get(["acme"]),
    ([found]) => found !== undefined,
  );
  for (const id of ["k-first", "k-second"]) {
    const [acme] = await tenants.get(["acme"]);
    const { put } = addKey(acme as Tenant, { id, name: id, scopes: ["send"], test: false, expiresAt: null }, new Date());
    await tenants.put(withSpares(put));
  }
  const [acme] = await tenants.get(["acme"]);
  const tokenKeys = ["tk-first", "tk-second", "tk-third"].map((kid) => ({
    ...{ kid, alg: "ES256", publicKey: null, jwksUrl: "https://keys.carillon.test/", createdAt: new Date() },
  }));
  await tenants.put({ ...(acme as Tenant), tokenKeys });
};

/** A server with keys, one delivered email of the tenant acme and one dead letter; and commands on it and on its stores. */
export const startRemote = async () => {
  const folder = scratchFolder();
  const dataDir = join(folder.path, "data");
  const file = join(folder.path, "carillon.yaml");
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, JSON.stringify(settingsOf(dataDir)));
  /** The access level of each route. */
  const routes = new Map<string, string>();
  const note = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", ({ method, url, config }) => {
      for (const one of [method].flat()) routes.set(`${one} ${url}`, config?.access ?? "");
    });
  };
  subscribe("fastify.initialization", note);
  const config = loadConfig({ environment: secrets, file });
  const carillon = await startCarillon({ config, logger: createLogger("silent", "test") }).finally(() =>
    unsubscribe("fastify.initialization", note),
  );
  const url = carillon.url ?? "";
  const onServer = (args: readonly string[], key: string | null = serverKeys.operator): Promise<Ended> =>
    commandLine(args, { CARILLON_URL: url, ...(key === null ? {} : { CARILLON_API_KEY: key }) });
  const sent = await onServer([
    "send",
    "--channel",
    "email",
    "--to",
    deliveredTo,
    "--subject",
    "Hello",
    "--text",
    "Hi",
    "--tenant",
    "acme",
  ]);
  const id = sent.stdout.trim();
  await carillon.stores.log.append([{ topic: "carillon.requests.bulk", key: "k", value: Buffer.from(poison) }]);
  await eventually(
    async () => (await onServer(["dead-letters", "list", "--json"])).stdout,
    (text) => text.includes("UNDECODABLE"),
  );
  await eventually(
    async () => (await onServer(["status", id, "--json"])).stdout,
    (text) => JSON.parse(text || "{}").final === true,
  );
  await plantTenants(carillon.stores);
  await plantUsers(carillon.stores);
  return {
    folder: folder.path,
    dataDir,
    routes,
    url,
    /** Of the delivered email. */
    id,
    onServer,
    onStores: (args: readonly string[]): Promise<Ended> => commandLine(["--config", file, ...args], secrets),
    stopServer: () => carillon.stop(),
    stop: async () => {
      await carillon.stop();
      folder.remove();
    },
  };
};

export type Remote = Awaited<ReturnType<typeof startRemote>>;
