import { createSecretMask, leastSecretCharacters, type Mask } from "../schemas/secret-mask.js";
import { proxyAddresses } from "../wire/proxy-environment.js";
import type { Config } from "./schema.js";

/** Keys whose values must come from the environment or a file. */
const secretPaths: readonly RegExp[] = [
  /(^|\.)(password|apiKey|secret|token|authToken|privateKey|clientSecret)(\.\d+)?$/,
  /^http\.apiKeys\.\d+\.key$/,
  /^tracing\.headers\./,
];
export const isSecretPath = (path: string): boolean => secretPaths.some((pattern) => pattern.test(path));

/** Parts of requests to providers, webhooks and collectors. A value there from the environment or a file counts as secret. */
const requestPaths: readonly RegExp[] = [
  /^providers\.[^.]+\.fields\./,
  /^providers\.[^.]+\.(status\.)?url$/,
  /^webhooks\.tenants\.[^.]+\.url$/,
  /^tracing\.url$/,
];
const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w-]+(\.[\w-]+)+(:\d+)?$/.test(text);

/** Whether a value from `${env:…}` or `${file:…}` at this path is secret although its key is not a secret one. */
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

/** Secrets in a URL's account: its password, name and password as in basic authentication, and a name without a password. */
const secretsOfAccount = (account: string): string[] => {
  const colon = account.indexOf(":");
  if (colon < 0) return [account, unescaped(account)];
  const [name, password] = [account.slice(0, colon), account.slice(colon + 1)];
  return password === "" ? [name, unescaped(name)] : [password, unescaped(password), `${unescaped(name)}:${unescaped(password)}`];
};

/** Secrets in a URL. For drivers, only options whose names indicate a secret; for HTTP, everything in the query. */
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

/** Every account with its password, in the form of basic authentication. */
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

/** Variables with credentials for AWS and proxies, outside the configuration. */
const secretsOfEnvironment = (environment: NodeJS.ProcessEnv): string[] => [
  ...["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].flatMap((name) => environment[name] ?? []),
  ...proxyAddresses(environment).flatMap(secretsOfUrl),
];

/** The values of all secrets in the environment and in a configuration, including those in URLs. */
export const secretsOf = (config: unknown, environment: NodeJS.ProcessEnv, more: readonly string[] = []): readonly string[] => [
  ...new Set([...secretsWithin(config, ""), ...secretsOfEnvironment(environment), ...more]),
];

interface KnownSecrets {
  readonly secrets: readonly string[];
  readonly mask: Mask;
}

const known = new WeakMap<Config, KnownSecrets>();

/** Stores a loaded configuration's secrets, including some from outside its own keys. */
export const keepSecrets = (config: Config, secrets: readonly string[]): Mask => {
  const mask = createSecretMask(secrets);
  known.set(config, { secrets, mask });
  return mask;
};

/** All known secrets of the configuration, for a thread that has to mask them too. */
export const knownSecretsOf = (config: Config): readonly string[] => known.get(config)?.secrets ?? secretsOf(config, process.env);

/** Masks the values of all known secrets of the configuration, in any text that is stored or printed. */
export const maskOf = (config: Config): Mask => {
  return known.get(config)?.mask ?? keepSecrets(config, secretsOf(config, process.env));
};

/** Secrets that are too short to be masked everywhere. */
export const shortSecrets = (value: unknown, path = ""): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((item, index) => shortSecrets(item, `${path}.${index}`));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, item]) => shortSecrets(item, path === "" ? key : `${path}.${key}`));
  return typeof value === "string" && isSecretPath(path) && value.length < leastSecretCharacters
    ? [
        `${path}: has fewer than ${leastSecretCharacters} characters, too few for Carillon to mask it in stored and printed text: use a longer one`,
      ]
    : [];
};
