import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { type CsvError, parse } from "csv-parse";
import { decodeText } from "../schemas/decode-text.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { linesOf } from "./lines.js";

/** A message as a file has it, or what is wrong with its line. */
export interface FileInput {
  /** Of its line, or the first of its lines, from 1. */
  readonly number: number;
  readonly input?: unknown;
  readonly problem?: string;
  /** Bytes of the file up to the end of it. */
  readonly readBytes: number;
}

/** For messages that do not say. */
export interface FileDefaults {
  readonly template?: string;
  readonly channel?: string;
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const headBytes = 4_096;

const readHead = (file: string): Buffer => {
  const opened = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(headBytes);
    return bytes.subarray(0, readSync(opened, bytes, 0, headBytes, 0));
  } finally {
    closeSync(opened);
  }
};

/** UTF-16 by its mark, or by every other byte of the first characters being zero. */
const isUtf16 = (head: Buffer): boolean => {
  const [first, second] = head;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return marked || (head.length >= 4 && ((head[0] === 0 && head[2] === 0) || (head[1] === 0 && head[3] === 0)));
};

const asUtf8 = "convert it first: iconv -f UTF-16 -t UTF-8";

/** NDJSON begins with a brace; anything else has a header of columns. */
const isCsv = (head: Buffer): boolean => {
  const text = head
    .subarray(head.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0)
    .toString()
    .trimStart();
  return /^"?[A-Za-z][\w.-]*"?\s*([,;\t\r\n]|$)/.test(text) && !text.startsWith("{");
};

/** Semicolons are what spreadsheets write where the comma is decimal. */
const delimiterOf = (head: Buffer): string => {
  const [line = ""] = head.toString().split("\n");
  return [",", ";", "\t"].reduce((best, one) => (line.split(one).length > line.split(best).length ? one : best));
};

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets `content.text` and the like; a name that only its column has can be anything, so nothing is inherited. */
const setField = (tree: Tree, [head = "", ...rest]: readonly string[], value: string): void => {
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

const inputOfRow = (columns: readonly string[], cells: readonly string[]): unknown => {
  const tree: Tree = {};
  // an empty cell is a field that the message does not have
  columns.forEach((column, index) => {
    const cell = cells[index] ?? "";
    if (cell !== "") setField(tree, column.split("."), cell);
  });
  return tree;
};

const assertColumns = (file: string, columns: readonly string[]): void => {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  const problem =
    twice !== undefined
      ? `has two columns ${twice}`
      : columns.some((column) => column === "" || /(^|\.)(\.|$)/.test(column))
        ? "has a column without a name"
        : undefined;
  if (problem)
    throw new CarillonError("CONFIG_INVALID", `the header of ${file} ${problem}`, {
      fix: "name each column once, such as channel, to, content.text, variables.name",
    });
};

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number; readonly bytes: number };
}

async function* rowsOf(file: string, head: Buffer, defaults: FileDefaults): AsyncGenerator<FileInput> {
  const parser = parse({
    bom: true,
    info: true,
    delimiter: delimiterOf(head),
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 16 * 1_048_576,
  });
  const source = createReadStream(file);
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let columns: readonly string[] | undefined;
  let line = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const number = line + 1;
      line = info.lines;
      if (!columns) {
        columns = record;
        assertColumns(file, columns);
        continue;
      }
      const problem = record.length > columns.length ? `has ${record.length} cells for ${columns.length} columns` : undefined;
      yield { number, readBytes: info.bytes, ...(problem ? { problem } : { input: withDefaults(inputOfRow(columns, record), defaults) }) };
    }
  } catch (error) {
    const { code } = error as Partial<CsvError>;
    throw code?.startsWith("CSV_")
      ? new CarillonError("CONFIG_INVALID", `${file} is not CSV: ${messageOf(error)}`, { cause: error })
      : error;
  }
}

async function* jsonLinesOf(file: string, defaults: FileDefaults): AsyncGenerator<FileInput> {
  let [number, readBytes] = [0, 0];
  for await (const bytes of linesOf(file)) {
    number += 1;
    readBytes += bytes.length + 1;
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

/** The messages of a file: NDJSON, or CSV with a header of field names. Rejects files in UTF-16. */
export const inputsOf = (file: string, defaults: FileDefaults = {}): AsyncGenerator<FileInput> => {
  const head = readHead(file);
  if (isUtf16(head)) throw new CarillonError("CONFIG_INVALID", `${file} is in UTF-16, and messages are read as UTF-8`, { fix: asUtf8 });
  return isCsv(head) ? rowsOf(file, head, defaults) : jsonLinesOf(file, defaults);
};
