import type { KnownKeys } from "./known-keys.js";
import { valueAt } from "./tree.js";

/** A finding of the schema, in zod's form. */
export interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly origin?: string;
  readonly format?: string;
  readonly pattern?: string;
  /** The problem with a map's key, for such findings. */
  readonly issues?: readonly { readonly message: string; readonly pattern?: string }[];
}

/** Removed keys and their replacements. */
const replacedKeys: ReadonlyMap<string, string> = new Map([
  ["webhooks.allowPrivate", "list the private ranges that webhooks may call in webhooks.allowAddresses, such as [10.0.0.0/8]"],
]);

const wanted: Readonly<Record<string, string>> = {
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
  string: "a string",
  array: "a list, such as [one, two]",
  object: "a map of keys",
  record: "a map of keys",
};

const mostShown = 40;

/** A value in a form that an error may quote: nothing that could be an address with an account, and nothing long. */
const shown = (value: unknown): string => {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map of keys";
  const isPlain = typeof value !== "string" || (value.length <= mostShown && !/[@?]/.test(value));
  return isPlain ? JSON.stringify(value) : "a string";
};

const numberHint = (value: unknown): string => (typeof value === "string" && /^\d+$/.test(value) ? ": write it without quotes" : "");
const textHint = (value: unknown): string => (["number", "boolean"].includes(typeof value) ? ": put it in quotes" : "");

const wordsOfType = (expected: string, value: unknown): string => {
  if (value === undefined) return "is missing";
  if (value === null) return "is empty: set a value, or remove the key";
  const hint = expected === "string" ? textHint(value) : expected === "number" ? numberHint(value) : "";
  return `is ${shown(value)}, but must be ${wanted[expected] ?? expected}${hint}`;
};

const unitOf = (origin: string | undefined, bound: number | bigint | undefined): string => {
  if (origin === "string") return bound === 1 ? " character" : " characters";
  return origin === "array" ? (bound === 1 ? " item" : " items") : "";
};

/** Whether a message is zod's own, not one of Carillon's checks. */
const isPreset = (message: string): boolean => /^(Too (small|big)|Invalid )/.test(message);

const formats: Readonly<Record<string, string>> = {
  cidrv4: "a range such as 203.0.113.0/24",
  cidrv6: "a range such as 2001:db8::/32",
  ipv4: "an address such as 203.0.113.7",
  ipv6: "an address such as 2001:db8::7",
};

const wordsOfFormat = ({ format = "", pattern }: Issue, value: unknown): string =>
  `is ${shown(value)}, but must be ${formats[format] ?? (pattern === undefined ? format : `of the form ${pattern}`)}`;

/** The problem with a key in a map whose names have rules. */
const wordsOfName = ({ issues = [] }: Issue): string => {
  const [first] = issues;
  if (first === undefined) return "is not a valid name";
  return isPreset(first.message)
    ? `is not a valid name: it must be of the form ${first.pattern ?? "that docs/reference.md gives"}`
    : first.message;
};

const wordsOf = (issue: Issue, value: unknown): string => {
  const { code, message, expected, values, minimum, maximum, origin } = issue;
  if (!isPreset(message)) return message;
  if (code === "invalid_type" && expected !== undefined) return wordsOfType(expected, value);
  if (code === "invalid_value" && values) return `is ${shown(value)}, but must be one of ${values.join(", ")}`;
  if (code === "too_small") return `is less than ${minimum}${unitOf(origin, minimum)}`;
  if (code === "too_big") return `is more than ${maximum}${unitOf(origin, maximum)}`;
  if (message === "Invalid URL") return "is not a URL such as https://host.example/path"; // may contain an account
  if (code === "invalid_format") return wordsOfFormat(issue, value);
  if (code === "invalid_key") return wordsOfName(issue);
  return code === "invalid_union" ? `is ${shown(value)}, which is not a valid value: see docs/reference.md` : message;
};

const hintOf = (key: string, path: readonly string[], known: KnownKeys): string | undefined => {
  if (key === "<<") return "YAML 1.2 has no merge keys: write the keys out";
  const replaced = replacedKeys.get(path.join("."));
  if (replaced !== undefined) return replaced;
  const closest = known.closestTo(path);
  return closest === undefined ? undefined : `did you mean ${closest}?`;
};

/** A finding's messages, each with its key and the problem. */
export const wordsOfIssue = (issue: Issue, given: unknown, known: KnownKeys): string[] => {
  const at = issue.path.join(".");
  if (!issue.keys) return [`${at}: ${wordsOf(issue, valueAt(given, issue.path))}`];
  return issue.keys.map((key) => {
    const path = at ? `${at}.${key}` : key;
    const hint = hintOf(key, [...issue.path.map(String), key], known);
    return `${path}: unknown key${hint === undefined ? "" : `: ${hint}`}`;
  });
};
