import { readFileSync } from "node:fs";
import { isLoopback } from "../../config/loopback.js";
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

type KeyOptions = Pick<RemoteOptions, "key" | "keyFile">;

/** The key that is given, with its option or variable, and with the words for it in later errors. */
const givenKey = (
  { key, keyFile }: KeyOptions,
  environment: NodeJS.ProcessEnv,
): { readonly text: string; readonly field: string } | undefined => {
  if (keyFile !== undefined) return { text: readKeyFile(keyFile), field: "--key-file" };
  if (key !== undefined) return { text: key, field: "--key" };
  const text = environment.CARILLON_API_KEY?.trim();
  return text ? { text, field: "CARILLON_API_KEY" } : undefined;
};

/** An option has priority over a variable, and a file over an argument, which other users of the machine can read. */
const keyOf = (options: KeyOptions, environment: NodeJS.ProcessEnv): Pick<Address, "key" | "keyFrom"> => {
  if (options.key !== undefined && options.keyFile !== undefined)
    throw new CarillonError("INPUT_INVALID", "--key and --key-file are both given", { fix: "give one of them" });
  const given = givenKey(options, environment);
  if (given === undefined) return { key: undefined };
  const { text, field } = given;
  if (!keyForm.test(text)) {
    const problem = /[\r\n]/.test(text) ? "contains more than one line" : "contains no key";
    throw refuse(field, problem, "give one of the server's http.apiKeys: printable ASCII without spaces");
  }
  if (field === "--key-file") return { key: text, keyFrom: `the file ${options.keyFile} (--key-file)` };
  return { key: text, keyFrom: field === "--key" ? "--key" : "the variable CARILLON_API_KEY" };
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
