import { readFileSync } from "node:fs";
import { type ErrorCode, parseDocument } from "yaml";
import { CarillonError, type ErrorOptions, messageOf } from "../schemas/errors.js";
import { circleIn, isTree, type Tree } from "./tree.js";

const refuse = (words: string, options: ErrorOptions = {}): never => {
  throw new CarillonError("CONFIG_INVALID", words, options);
};

const byteOrderMarks: readonly (readonly number[])[] = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/**
 * The text of a UTF-8 file. Refuses other encodings, because replacement characters would end up in names and templates. Throws an Error.
 */
export const readUtf8 = (path: string): string => {
  const bytes = readFileSync(path);
  if (byteOrderMarks.some((mark) => mark.every((byte, index) => bytes[index] === byte))) throw new Error("is UTF-16: save it as UTF-8");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("has bytes that are not UTF-8: save it as UTF-8");
  }
};

const textOf = (path: string): string => {
  try {
    return readUtf8(path);
  } catch (error) {
    const isOfSystem = error instanceof Error && "code" in error;
    return refuse(`the configuration file cannot be read: ${path}: ${messageOf(error)}`, {
      cause: error,
      ...(isOfSystem ? { fix: "set --config or CARILLON_CONFIG to a readable file, or omit both for the defaults" } : {}),
    });
  }
};

/** Replacements for the library's messages that quote the file or name a function of the library. */
const ownWords: Readonly<Partial<Record<ErrorCode, string>>> = {
  TAG_RESOLVE_FAILED: "a tag cannot be resolved",
  MULTIPLE_DOCS: "it has several documents: remove the lines with ---",
};

/** The library's messages quote the lines around a mistake, and the names of tags and aliases. Any of these may be a plaintext secret. */
const parseYaml = (text: string, path: string): unknown => {
  const document = parseDocument(text, { logLevel: "error" });
  // strict about tags: an unknown one would be dropped, and its value misinterpreted
  const mistake = [...document.errors, ...document.warnings].find(({ name, code }) => name === "YAMLParseError" || code in ownWords);
  const { line, col } = mistake?.linePos?.[0] ?? {};
  const place = line === undefined ? "" : ` at line ${line}, column ${col}`;
  const refuseYaml = (problem: string): never =>
    refuse(`${path} is not YAML: ${problem}${place}`, { fix: "put quotes around values that begin with *, & or !" });
  // text after a colon or a percent sign is quoted from the file
  if (mistake) refuseYaml(ownWords[mistake.code] ?? (mistake.message.split(/[:%\n]/)[0] ?? "").replace(/ at line \d+.*$/, ""));
  try {
    return document.toJS() ?? {};
  } catch {
    return refuseYaml("an alias has no anchor");
  }
};

/** The unchecked keys of a configuration file. Throws CONFIG_INVALID with the file's path. */
export const readConfigFile = (path: string): Tree => {
  const tree = parseYaml(textOf(path), path);
  if (!isTree(tree)) return refuse(`${path} is not YAML: it is not a map of keys`);
  const circle = circleIn(tree);
  return circle === undefined ? tree : refuse(`${path} is not YAML: ${circle} is an alias of its own parent`);
};
