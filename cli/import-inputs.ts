import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { messageGiven } from "../client/message-input.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { decodeText, notUtf8Mark } from "../wire/decode-text.js";
import { instantText } from "./arguments.js";
import { type ImportFile, openImportFile } from "./import-file.js";
import { linesOf } from "./lines.js";

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

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Detects UTF-16 by its mark, or because every other byte of the first characters is zero. */
const isUtf16 = (head: Buffer): boolean => {
  const [first, second] = head;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return marked || (head.length >= 4 && ((head[0] === 0 && head[2] === 0) || (head[1] === 0 && head[3] === 0)));
};

const asUtf8 = "convert it first: iconv -f UTF-16 -t UTF-8";

const fieldNames = new Set(Object.keys(messageGiven.shape));

/** The first non-blank line of a CSV file, and its delimiter. */
interface Header {
  readonly delimiter: string;
  /** Number of bytes and lines before it. */
  readonly skippedBytes: number;
  readonly skippedLines: number;
}

/** Spreadsheets use semicolons in locales with a decimal comma. Quoted text is ignored. */
const delimiterOf = (line: string): string => {
  const bare = line.replaceAll(/"[^"]*"/g, "");
  return [",", ";", "\t", "|"].reduce((best, one) => (bare.split(one).length > bare.split(best).length ? one : best));
};

/** The header of a CSV file: its columns are named like fields, in any case, or plausibly so. Undefined: NDJSON. */
const headerOf = (head: Buffer): Header | undefined => {
  const start = head.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0;
  const text = head.subarray(start).toString("latin1");
  // some spreadsheets state the delimiter in a separate line
  const [before = "", given] = /^\s*(?:sep=([,;\t|])\r?\n\s*)?/.exec(text) ?? [];
  const line = /^[^\r\n]*/.exec(text.slice(before.length))?.[0] ?? "";
  if (line === "" || /^[{[]/.test(line)) return undefined;
  const delimiter = given ?? delimiterOf(line);
  const columns = line.split(delimiter).map((column) => column.trim().replaceAll('"', "").split(".")[0]?.toLowerCase() ?? "");
  const isHeader = columns.some((column) => fieldNames.has(column)) || /^"?[A-Za-z][\w.-]*"?\s*(?:[,;\t]|$)/.test(line);
  if (!isHeader) return undefined;
  return { delimiter, skippedBytes: start + before.length, skippedLines: before.match(/\r\n|\r|\n/g)?.length ?? 0 };
};

async function* withoutFirst(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    yield chunk.subarray(Math.min(left, chunk.length));
    left -= Math.min(left, chunk.length);
  }
}

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

const columnsProblem = (columns: readonly string[]): string | undefined => {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) return `has two columns ${twice}`;
  if (columns.some((column) => column === "" || /(^|\.)(\.|$)/.test(column))) return "has a column without a name";
  const whole = columns.find((column) => columns.some((other) => other.startsWith(`${column}.`)));
  return whole === undefined ? undefined : `has a column ${whole}, and columns for its parts`;
};

const assertColumns = (file: string, columns: readonly string[]): void => {
  const problem = columnsProblem(columns);
  if (problem)
    throw new CarillonError("INPUT_INVALID", `the header of ${file} ${problem}`, {
      fix: "name each column once, such as channel, to, content.text, variables.name",
    });
};

interface Parsed {
  readonly record: readonly string[];
  /** `empty_lines`: total up to this record. */
  readonly info: { readonly empty_lines: number };
}

/** Marks a cell that was not UTF-8 instead of sending it with U+FFFD: checkTexts reports its field. */
const cellOf = (text: string): string => text.replaceAll("\ufffd", notUtf8Mark);

const lineBreaks = /\r\n|\r|\n/g;

/** The records of a CSV file, each with its first line. The parser's own count treats CRLF in quotes as two lines. */
async function* numberedRows(parser: AsyncIterable<Parsed>, skippedLines: number): AsyncGenerator<readonly [number, readonly string[]]> {
  let [line, empty] = [skippedLines, 0];
  for await (const { record, info } of parser) {
    const number = line + 1 + info.empty_lines - empty;
    line = number + record.reduce((sum, cell) => sum + (cell.match(lineBreaks)?.length ?? 0), 0);
    empty = info.empty_lines;
    yield [number, record.map(cellOf)];
  }
}

async function* rowsOf(file: ImportFile, header: Header, defaults: FileDefaults): AsyncGenerator<FileInput> {
  const parser = parse({
    info: true,
    delimiter: header.delimiter,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 16 * 1_048_576,
  });
  const source = Readable.from(withoutFirst(file.chunks, header.skippedBytes));
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let columns: readonly string[] | undefined;
  try {
    for await (const [number, record] of numberedRows(parser as AsyncIterable<Parsed>, header.skippedLines)) {
      if (!columns) {
        columns = record;
        assertColumns(file.name, columns);
        continue;
      }
      // spreadsheets write such rows below the last one that ever had content
      if (record.every((cell) => cell === "")) continue;
      const problem =
        record.length > columns.length ? `has ${record.length} cells, but the header has ${columns.length} columns` : undefined;
      const readBytes = file.readBytes();
      yield { number, readBytes, ...(problem ? { problem } : { input: withDefaults(inputOfRow(columns, record), defaults) }) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CarillonError("INPUT_INVALID", `${file.name} is not CSV: ${error.message}`, {
      cause: error,
      fix: 'quote cells that contain quotes, and double the inner quotes: "a ""quoted"" word"',
    });
  }
}

const mostLine = "exceeds the maximum size of a message";

async function* jsonLinesOf(file: ImportFile, defaults: FileDefaults): AsyncGenerator<FileInput> {
  let number = 0;
  for await (const bytes of linesOf(file.chunks)) {
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
