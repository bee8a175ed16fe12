import { isLoopback } from "./loopback.js";
import type { Config } from "./schema.js";

/** Checks of the access rules. */

const openDoors = ({ http }: Config): string[] =>
  http.enabled && !isLoopback(http.host) && http.apiKeys.length === 0
    ? [`http.apiKeys: listening on ${http.host} needs at least one key: add one, or set http.host to 127.0.0.1`]
    : [];

/** Without keys, every local program may do everything, so signing in would protect nothing. */
const oidcWithoutKeys = ({ http }: Config): string[] =>
  http.oidc !== null && http.apiKeys.length === 0
    ? ["http.oidc: needs at least one entry in http.apiKeys, because without keys every program on this machine may do everything"]
    : [];

interface SharedSecret {
  readonly key: string;
  readonly value: string | null | undefined;
}

const callbackSecrets = ({ providers }: Config): SharedSecret[] =>
  Object.entries(providers).flatMap(([name, { callback }]) => [
    { key: `providers.${name}.callback.token`, value: callback.token },
    { key: `providers.${name}.callback.password`, value: callback.password },
    { key: `providers.${name}.callback.hmac.secret`, value: callback.hmac?.secret },
  ]);

/** Each key identifies one tenant, so no other key and no secret of a provider may equal it. */
const sharedKeys = (config: Config): string[] => {
  const keys = config.http.apiKeys.map(({ key }, index): SharedSecret => ({ key: `http.apiKeys.${index}.key`, value: key }));
  const owners = new Map<string, string>();
  return [...keys, ...callbackSecrets(config)].flatMap(({ key, value }) => {
    if (value === null || value === undefined) return [];
    const owner = owners.get(value);
    const isKey = key.startsWith("http.");
    if (owner !== undefined) return [`${key}: equals ${owner}: generate another one with \`openssl rand -hex 24\``];
    // only keys are recorded, so that providers may share their secrets
    if (isKey) owners.set(value, key);
    return [];
  });
};

/** A webhook's secret proves to one tenant that Carillon is the caller, so no other tenant may have the same. */
const sharedWebhookSecrets = ({ webhooks }: Config): string[] => {
  const owners = new Map<string, string>();
  return Object.entries(webhooks.tenants).flatMap(([tenant, { secret }]) => {
    const owner = [secret].flat().flatMap((one) => owners.get(one) ?? [])[0];
    for (const one of [secret].flat()) owners.set(one, tenant);
    return owner === undefined ? [] : [`webhooks.tenants.${tenant}.secret: equals the secret of ${owner}: give each tenant its own secret`];
  });
};

const halfAccounts = ({ providers }: Config): string[] =>
  Object.entries(providers).flatMap(
    ([
      name,
      {
        callback: { username, password },
      },
    ]) =>
      (username === null) === (password === null)
        ? []
        : [`providers.${name}.callback.${username === null ? "username" : "password"}: is missing: give username and password together`],
  );

/** Problems of the access rules. */
export const accessProblems = (config: Config): readonly string[] => [
  ...openDoors(config),
  ...oidcWithoutKeys(config),
  ...sharedKeys(config),
  ...sharedWebhookSecrets(config),
  ...halfAccounts(config),
];
