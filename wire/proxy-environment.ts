import { domainToASCII } from "node:url";
import ipaddr from "ipaddr.js";

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
const variables = { "http:": "HTTP_PROXY", "https:": "HTTPS_PROXY" } as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable in either case. As in curl, lower case has priority. */
const read = (name: string, environment: Environment): string => (environment[name.toLowerCase()] ?? environment[name] ?? "").trim();

const isHost = (name: string): boolean => /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/.test(name);

const isAccount = ({ username, password }: URL): boolean => {
  try {
    return [username, password].map(decodeURIComponent).length > 0;
  } catch {
    return false;
  }
};

const proxyUrlOf = (text: string): URL | undefined => {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url && (url.protocol === "http:" || url.protocol === "https:") && isHost(url.hostname) && isAccount(url) ? url : undefined;
};

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");

const isInRange = (host: string, range: string): boolean => {
  if (!ipaddr.isValid(host) || !ipaddr.isValidCIDR(range)) return false;
  const [address, [network, bits]] = [ipaddr.process(host), ipaddr.parseCIDR(range)];
  return address.kind() === network.kind() && address.match(network, bits);
};

const isSameAddress = (one: string, other: string): boolean =>
  ipaddr.isValid(one) && ipaddr.isValid(other) && ipaddr.process(one).toString() === ipaddr.process(other).toString();

const fits = (pattern: string, host: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*")}$`).test(host);

/**
 * Whether an entry of NO_PROXY matches the host: a name with all its subdomains, an address, a range, a pattern such as `172.17.*`, a name
 * or an address with a port, or `*`.
 */
const excludes = (entry: string, host: string, port: string): boolean => {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInRange(host, entry.replace(/^\[(.*)\]\//, "$1/"));
  const [, name = entry, wanted] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  if (wanted !== undefined && wanted !== port) return false;
  const written = bare(name).replace(/^\*?\./, "");
  if (written.includes("*")) return fits(written, host);
  const domain = domainToASCII(written) || written;
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`) || isSameAddress(host, domain));
};

/** The proxy for an address according to HTTP_PROXY, HTTPS_PROXY and NO_PROXY; undefined: none. */
export const proxyFor = (url: URL, environment: Environment = process.env): URL | undefined => {
  const name = url.protocol === "http:" || url.protocol === "https:" ? variables[url.protocol] : undefined;
  const proxy = name && proxyUrlOf(read(name, environment));
  if (!proxy) return undefined;
  const host = bare(url.hostname);
  const port = url.port || (defaultPorts[url.protocol] ?? "");
  const entries = read("NO_PROXY", environment)
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
  return entries.some((entry) => excludes(entry, host, port)) ? undefined : proxy;
};

/** The addresses of all proxies in the environment, with their credentials. */
export const proxyAddresses = (environment: Environment): readonly string[] =>
  Object.values(variables).flatMap((name) => proxyUrlOf(read(name, environment))?.href ?? []);

/** Invalid proxy variables, each with its problem. */
export const proxyProblems = (environment: Environment): readonly string[] =>
  Object.values(variables)
    .filter((name) => read(name, environment) !== "" && proxyUrlOf(read(name, environment)) === undefined)
    .map((name) => `${name}: is not the address of an HTTP proxy: give http://host:port or https://host:port`);
