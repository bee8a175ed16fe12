import { createSecretMask, leastSecretCharacters, type Mask } from "../schemas/secret-mask.js";
import { proxyAddresses } from "../wire/proxy-environment.js";
import type { Config } from "./schema.js";

/** Keys whose values must come from the environment or a file. */
const secretPaths: readonly RegExp[] = [
  /(^|\.)(password|apiKey|secret|token|authToken|privateKey)(\.\d+)?$/,
  /^http\.apiKeys\.\d+\.key$/,
  /^tracing\.headers\./,
];
export const isSecretPath = (path: string): boolean => secretPaths.some((pattern) => pattern.test(path));

/** Parts of requests to providers, webhooks and collectors, in which a value that comes from the environment or a file is meant to be secret. */
const requestPaths: readonly RegExp[] = [
  /^providers\.[^.]+\.fields\./,
  /^providers\.[^.]+\.(status\.)?url$/,
  /^webhooks\.tenants\.[^.]+\.url$/,
  /^tracing\.url$/,
];
const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w-]+(\.[\w-]+)+(:\d+)?$/.test(text);

/** Whether a value that was put in for `${env:…}` or `${file:…}` at that path is secret, though its key is not one of those. */
export const isSecretReference = (path: string, value: string): boolean => requestPaths.some((one) => one.test(path)) && !isAddress(value);

const secretName = /pass|pwd|pin\b|secret|token|key|auth|sign|credential/i;
const leastQueryCharacters = 6;

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
};

/** The account of an address: its password, both together as they stand in basic authentication, and a name that stands alone. */
const secretsOfAccount = (account: string): string[] => {
  const colon = account.indexOf(":");
  if (colon < 0) return [account, unescaped(account)];
  const [name, password] = [account.slice(0, colon), account.slice(colon + 1)];
  return password === "" ? [name, unescaped(name)] : [password, unescaped(password), `${unescaped(name)}:${unescaped(password)}`];
};

/** The secrets within an address. Of drivers' addresses, only options whose names say so; of HTTP, whatever its query carries. */
const secretsOfUrl = (text: string): string[] => {
  const [, scheme = "", account, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#\s]*)@)?(.*)$/is.exec(text) ?? [];
  if (scheme === "") return [];
  const query = /\?([^#]*)/.exec(rest)?.[1] ?? "";
  const values = query.split("&").flatMap((pair) => {
    const [name = "", ...value] = pair.split("=");
    const written = value.join("=");
    if (written.includes("{{") || written.length < leastSecretCharacters) return [];
    const isSecret = secretName.test(name) || (/^https?$/i.test(scheme) && written.length >= leastQueryCharacters);
    return isSecret ? [written, unescaped(written)] : [];
  });
  return [...(account ? secretsOfAccount(account) : []), ...values];
};

const secretsOfField = (path: string, value: string): string[] => {
  const name = /^providers\.[^.]+\.fields\.(.*)$/.exec(path)?.[1];
  return name !== undefined && secretName.test(name) && !value.includes("{{") ? [value] : [];
};

/** Every account with its password, as basic authentication writes them. */
const accountsOf = (value: Readonly<Record<string, unknown>>): string[] => {
  const { username, accountSid, clientId, password, authToken, secret } = value;
  return [username, accountSid, clientId].flatMap((name) =>
    [password, authToken, secret].flatMap((word) => (typeof name === "string" && typeof word === "string" ? [`${name}:${word}`] : [])),
  );
};

const secretsWithin = (value: unknown, path: string): string[] => {
  const under = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsWithin(item, under(index)));
  if (typeof value === "object" && value !== null) {
    const inner = Object.entries(value).flatMap(([key, item]) => secretsWithin(item, under(key)));
    return [...accountsOf(value as Readonly<Record<string, unknown>>), ...inner];
  }
  if (typeof value !== "string") return [];
  return isSecretPath(path) ? [value] : [...secretsOfUrl(value), ...secretsOfField(path, value)];
};

/** Variables that AWS and proxies are authenticated by, outside the configuration. */
const secretsOfEnvironment = (environment: NodeJS.ProcessEnv): string[] => [
  ...["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].flatMap((name) => environment[name] ?? []),
  ...proxyAddresses(environment).flatMap(secretsOfUrl),
];

/** The values of all secrets that a configuration knows, written out or within addresses, and of the environment. */
export const secretsOf = (config: unknown, environment: NodeJS.ProcessEnv, more: readonly string[] = []): readonly string[] => [
  ...new Set([...secretsWithin(config, ""), ...secretsOfEnvironment(environment), ...more]),
];

interface KnownSecrets {
  readonly secrets: readonly string[];
  readonly mask: Mask;
}

const known = new WeakMap<Config, KnownSecrets>();

/** Keeps the secrets of a configuration that was loaded with some beyond those of its own keys. */
export const keepSecrets = (config: Config, secrets: readonly string[]): Mask => {
  const mask = createSecretMask(secrets);
  known.set(config, { secrets, mask });
  return mask;
};

/** All secrets that the configuration knows, for a thread that masks them as well. */
export const knownSecretsOf = (config: Config): readonly string[] => known.get(config)?.secrets ?? secretsOf(config, process.env);

/** Masks the values of all secrets that the configuration knows, in any text that is kept or printed. */
export const maskOf = (config: Config): Mask => {
  return known.get(config)?.mask ?? keepSecrets(config, secretsOf(config, process.env));
};

/** Secrets that are too short to be masked wherever they turn up. */
export const shortSecrets = (value: unknown, path = ""): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((item, index) => shortSecrets(item, `${path}.${index}`));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, item]) => shortSecrets(item, path === "" ? key : `${path}.${key}`));
  return typeof value === "string" && isSecretPath(path) && value.length < leastSecretCharacters
    ? [
        `${path}: has fewer than ${leastSecretCharacters} characters, too few to keep it out of what is stored and printed: give a longer one`,
      ]
    : [];
};
