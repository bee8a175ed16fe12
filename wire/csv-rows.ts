import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { CarillonError } from "../schemas/errors.js";
import { notUtf8Mark } from "./decode-text.js";

export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** The start of a text file: its first line that is not blank, and what comes before it. */
export interface TextStart {
  readonly firstLine: string;
  /** The delimiter of CSV that a spreadsheet states in a line of its own (`sep=;`), or that occurs most in the first line. */
  readonly delimiter: string;
  /** Number of bytes and lines before the first line. */
  readonly skippedBytes: number;
  readonly skippedLines: number;
}

/** Spreadsheets use semicolons in locales with a decimal comma. Quoted text is ignored. */
const delimiterOf = (line: string): string => {
  const bare = line.replaceAll(/"[^"]*"/g, "");
  return [",", ";", "\t", "|"].reduce((best, one) => (bare.split(one).length > bare.split(best).length ? one : best));
};

/** The start of a file in UTF-8. `head`: its first bytes. */
export const textStartOf = (head: Buffer): TextStart => {
  const start = head.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0;
  const text = head.subarray(start).toString("latin1");
  const [before = "", given] = /^\s*(?:sep=([,;\t|])\r?\n\s*)?/.exec(text) ?? [];
  const firstLine = /^[^\r\n]*/.exec(text.slice(before.length))?.[0] ?? "";
  return {
    firstLine,
    delimiter: given ?? delimiterOf(firstLine),
    skippedBytes: start + before.length,
    skippedLines: before.match(/\r\n|\r|\n/g)?.length ?? 0,
  };
};

/** Detects UTF-16 by its mark, or because every other byte of the first characters is zero. */
export const isUtf16 = (head: Buffer): boolean => {
  const [first, second] = head;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return marked || (head.length >= 4 && ((head[0] === 0 && head[2] === 0) || (head[1] === 0 && head[3] === 0)));
};

async function* withoutFirst(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    yield chunk.subarray(Math.min(left, chunk.length));
    left -= Math.min(left, chunk.length);
  }
}

/** A record of a CSV file. */
export interface CsvRow {
  /** Number of its first line, from 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

interface Parsed {
  readonly record: readonly string[];
  /** `empty_lines`: total up to this record. */
  readonly info: { readonly empty_lines: number };
}

/** Marks a cell that was not UTF-8 instead of accepting it with U+FFFD: checkTexts reports its field. */
const cellOf = (text: string): string => text.replaceAll("\ufffd", notUtf8Mark);

const lineBreaks = /\r\n|\r|\n/g;

/** All records before a fault of the file or of its stream. The parser's own iterator drops records that it has not returned by then. */
async function* recordsOf(parser: Readable): AsyncGenerator<Parsed> {
  try {
    yield* parser as AsyncIterable<Parsed>;
  } catch (error) {
    for (let left = parser.read() as Parsed | null; left !== null; left = parser.read() as Parsed | null) yield left;
    throw error;
  }
}

/** The parser's own count treats CRLF in quotes as two lines. */
async function* numbered(parser: AsyncIterable<Parsed>, skippedLines: number): AsyncGenerator<CsvRow> {
  let [line, empty] = [skippedLines, 0];
  for await (const { record, info } of parser) {
    const number = line + 1 + info.empty_lines - empty;
    line = number + record.reduce((sum, cell) => sum + (cell.match(lineBreaks)?.length ?? 0), 0);
    empty = info.empty_lines;
    yield { number, cells: record.map(cellOf) };
  }
}

export interface CsvSource {
  /** Name in errors. */
  readonly name: string;
  readonly chunks: AsyncIterable<Buffer>;
  readonly start: Pick<TextStart, "delimiter" | "skippedBytes" | "skippedLines">;
  readonly mostRecordBytes: number;
}

/**
 * The records of a CSV file (RFC 4180), the header first. Rows may have any number of cells. A row that the end of a broken stream cut off is
 * not returned. Throws INPUT_INVALID for a file that is not CSV, and the error of the stream itself.
 */
export async function* csvRowsOf({ name, chunks, start, mostRecordBytes }: CsvSource): AsyncGenerator<CsvRow> {
  const parser = parse({
    info: true,
    delimiter: start.delimiter,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: mostRecordBytes,
  });
  const source = Readable.from(withoutFirst(chunks, start.skippedBytes));
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    yield* numbered(recordsOf(parser), start.skippedLines);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CarillonError("INPUT_INVALID", `${name} is not CSV: ${error.message}`, {
      cause: error,
      fix: 'quote cells that contain quotes, and double the inner quotes: "a ""quoted"" word"',
    });
  } finally {
    source.destroy();
  }
}

/** Why the columns of a header cannot be fields; undefined if they can. */
const columnsProblem = (columns: readonly string[]): string | undefined => {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) return `has two columns ${twice}`;
  if (columns.some((column) => column === "" || /(^|\.)(\.|$)/.test(column))) return "has a column without a name";
  const whole = columns.find((column) => columns.some((other) => other.startsWith(`${column}.`)));
  return whole === undefined ? undefined : `has a column ${whole}, and columns for its parts`;
};

/** Throws INPUT_INVALID for a header whose columns cannot be fields. `example`: names of columns. */
export const assertColumns = (file: string, columns: readonly string[], example: string): void => {
  const problem = columnsProblem(columns);
  if (problem)
    throw new CarillonError("INPUT_INVALID", `the header of ${file} ${problem}`, { fix: `name each column once, such as ${example}` });
};
