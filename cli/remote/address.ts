import { readFileSync } from "node:fs";
import { isLoopback } from "../../config/access-checks.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";

/** The options of every command for naming a server. */
export interface RemoteOptions {
  readonly url?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly insecureHttp?: boolean;
}

/** A server and the key for requests to it. */
export interface Address {
  /** Without a trailing slash. */
  readonly url: string;
  readonly key: string | undefined;
  /** The option, the file or the variable of the key, for errors. */
  readonly keyFrom?: string;
  /** Whether the server is on this machine, so that no proxy is in between. */
  readonly isLocal: boolean;
}

const example = "give one such as https://carillon.example.com, or http://127.0.0.1:8080 on its own machine";
const keyForm = /^[\x21-\x7e]{1,1000}$/;

const refuse = (field: string, problem: string, fix: string, cause?: unknown): CarillonError =>
  new CarillonError("INPUT_INVALID", problem, { field, fix, cause });

const readKeyFile = (path: string): string => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw refuse("--key-file", `cannot be read: ${messageOf(error)}`, "name a file that contains only the key", error);
  }
};

/** An option has priority over a variable, and a file over an argument, which other users of the machine can read. */
const keyOf = ({ key, keyFile }: RemoteOptions, environment: NodeJS.ProcessEnv): Pick<Address, "key" | "keyFrom"> => {
  if (key !== undefined && keyFile !== undefined) throw refuse("--key", "and --key-file are both given", "give one of them");
  const given = keyFile === undefined ? (key ?? (environment.CARILLON_API_KEY?.trim() || undefined)) : readKeyFile(keyFile);
  if (given === undefined) return { key: undefined };
  if (!keyForm.test(given)) {
    const field = keyFile !== undefined ? "--key-file" : key !== undefined ? "--key" : "CARILLON_API_KEY";
    throw refuse(field, "contains no key", "give one of the server's http.apiKeys: printable ASCII without spaces");
  }
  const keyFrom =
    keyFile !== undefined ? `the file ${keyFile} (--key-file)` : key !== undefined ? "--key" : "the variable CARILLON_API_KEY";
  return { key: given, keyFrom };
};

const parsed = (text: string, field: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw refuse(field, "is not the address of a server", example);
  // not quoted: it may contain a password
  if (url.username !== "" || url.password !== "")
    throw refuse(field, "contains credentials", "remove them, and give a key in CARILLON_API_KEY or with --key-file");
  if (url.search !== "" || url.hash !== "") throw refuse(field, "contains a query or a fragment", example);
  if (/\/v1\/*$/.test(url.pathname)) throw refuse(field, "ends in /v1, which each command appends itself", "give it without /v1");
  return url;
};

/** The server in the options or the environment; undefined: none. Throws INPUT_INVALID. */
export const addressOf = (options: RemoteOptions, environment: NodeJS.ProcessEnv): Address | undefined => {
  const fromEnvironment = options.url === undefined;
  const text = options.url ?? environment.CARILLON_URL?.trim() ?? "";
  if (text === "") {
    if (!fromEnvironment) throw refuse("--url", "is empty", example);
    const [given] = [options.key && "--key", options.keyFile && "--key-file", options.insecureHttp && "--insecure-http"].filter(Boolean);
    if (given) throw refuse(String(given), "is given without the address of a server", "give --url, or set CARILLON_URL");
    return undefined;
  }
  const url = parsed(text, fromEnvironment ? "CARILLON_URL" : "--url");
  const isLocal = isLoopback(url.hostname.replace(/^\[(.*)\]$/, "$1"));
  if (url.protocol === "http:" && !isLocal && !options.insecureHttp)
    throw refuse(
      fromEnvironment ? "CARILLON_URL" : "--url",
      `any host between this machine and ${url.host} could read the key and the messages`,
      "give an https:// address, or add --insecure-http on a network of your own",
    );
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), ...keyOf(options, environment), isLocal };
};
