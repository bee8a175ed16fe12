import { messageGiven } from "../client/message-input.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { assertColumns, byteOrderMark, csvRowsOf, isUtf16, type TextStart, textStartOf } from "../wire/csv-rows.js";
import { decodeText } from "../wire/decode-text.js";
import { linesOf } from "../wire/lines.js";
import { instantText } from "./arguments.js";
import { type ImportFile, openImportFile } from "./import-file.js";

/** A message in a file, or the problem with its line. */
export interface FileInput {
  /** Number of its first line, from 1. */
  readonly number: number;
  readonly input?: unknown;
  readonly problem?: string;
  /** Number of bytes read from the file by then. */
  readonly readBytes: number;
}

/** Defaults for messages without these fields. */
export interface FileDefaults {
  readonly template?: string;
  readonly channel?: string;
}

const asUtf8 = "convert it first: iconv -f UTF-16 -t UTF-8";

const fieldNames = new Set(Object.keys(messageGiven.shape));

/** The start of a CSV file: its columns are named like fields, in any case, or plausibly so. Undefined: NDJSON. */
const headerOf = (head: Buffer): TextStart | undefined => {
  const start = textStartOf(head);
  const { firstLine, delimiter } = start;
  if (firstLine === "" || /^[{[]/.test(firstLine)) return undefined;
  const columns = firstLine.split(delimiter).map((column) => column.trim().replaceAll('"', "").split(".")[0]?.toLowerCase() ?? "");
  const isHeader = columns.some((column) => fieldNames.has(column)) || /^"?[A-Za-z][\w.-]*"?\s*(?:[,;\t]|$)/.test(firstLine);
  return isHeader ? start : undefined;
};

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets a nested field such as `content.text`. A column's name can be anything, so inherited properties are avoided. */
const setField = (tree: Tree, [head = "", ...rest]: readonly string[], value: string | number): void => {
  if (rest.length === 0) tree[head] = value;
  else {
    const under = Object.hasOwn(tree, head) ? tree[head] : undefined;
    const inner: Tree = isTree(under) ? under : Object.create(null);
    tree[head] = inner;
    setField(inner, rest, value);
  }
};

const withDefaults = (input: unknown, { template, channel }: FileDefaults): unknown => {
  if (!isTree(input)) return input;
  const wantsTemplate = template !== undefined && input.template === undefined && input.content === undefined;
  return {
    ...input,
    ...(wantsTemplate ? { template } : {}),
    ...(channel !== undefined && input.channel === undefined ? { channel } : {}),
  };
};

/** Columns whose cells may be numbers. */
const instants: readonly string[] = ["notBefore", "expiresAt"];

const inputOfRow = (columns: readonly string[], cells: readonly string[]): unknown => {
  const tree: Tree = Object.create(null);
  // an empty cell means that the message lacks the field
  columns.forEach((column, index) => {
    const cell = cells[index] ?? "";
    if (cell !== "") setField(tree, column.split("."), instants.includes(column) ? instantText(cell) : cell);
  });
  return tree;
};

/** No line with a valid message is longer. */
const mostLineBytes = 16 * 1_048_576;

async function* rowsOf(file: ImportFile, start: TextStart, defaults: FileDefaults): AsyncGenerator<FileInput> {
  let columns: readonly string[] | undefined;
  for await (const { number, cells } of csvRowsOf({ name: file.name, chunks: file.chunks, start, mostRecordBytes: mostLineBytes })) {
    if (!columns) {
      columns = cells;
      assertColumns(file.name, columns, "channel, to, content.text, variables.name");
      continue;
    }
    // spreadsheets write such rows below the last one that ever had content
    if (cells.every((cell) => cell === "")) continue;
    const problem = cells.length > columns.length ? `has ${cells.length} cells, but the header has ${columns.length} columns` : undefined;
    const readBytes = file.readBytes();
    yield { number, readBytes, ...(problem ? { problem } : { input: withDefaults(inputOfRow(columns, cells), defaults) }) };
  }
}

const mostLine = "exceeds the maximum size of a message";

async function* jsonLinesOf(file: ImportFile, defaults: FileDefaults): AsyncGenerator<FileInput> {
  let number = 0;
  for await (const bytes of linesOf(file.chunks, mostLineBytes)) {
    number += 1;
    const readBytes = file.readBytes();
    if (!bytes) {
      yield { number, readBytes, problem: mostLine };
      continue;
    }
    const marked = number === 1 && bytes.indexOf(byteOrderMark) === 0;
    const line = decodeText(marked ? bytes.subarray(byteOrderMark.length) : bytes);
    if (line.trim() === "") continue;
    try {
      yield { number, readBytes, input: withDefaults(JSON.parse(line), defaults) };
    } catch (error) {
      yield { number, readBytes, problem: `is not JSON: ${messageOf(error)}` };
    }
  }
}

/**
 * The messages of a file, or of standard input for `-`: NDJSON, or CSV with a header of field names, optionally compressed with gzip.
 * Rejects files in UTF-16.
 */
export async function* inputsOf(path: string, defaults: FileDefaults = {}): AsyncGenerator<FileInput> {
  const file = await openImportFile(path);
  if (isUtf16(file.head)) throw new CarillonError("INPUT_INVALID", `${file.name} is in UTF-16, but must be UTF-8`, { fix: asUtf8 });
  const header = headerOf(file.head);
  yield* header ? rowsOf(file, header, defaults) : jsonLinesOf(file, defaults);
}
