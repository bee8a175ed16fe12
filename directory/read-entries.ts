import type { Finding } from "../channels/finding.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import { assertColumns, byteOrderMark, csvRowsOf, isUtf16, textStartOf } from "../wire/csv-rows.js";
import { decodeText } from "../wire/decode-text.js";
import { linesOf } from "../wire/lines.js";
import { withHead } from "../wire/with-head.js";

export const importFormats = ["ndjson", "csv"] as const;
export type ImportFormat = (typeof importFormats)[number];

/** An item of an uploaded list, or the problem with its line. */
export type Entry = {
  /** Number of its first line, from 1. */
  readonly line: number;
  readonly bytes: number;
} & ({ readonly input: unknown } | { readonly problem: Finding });

/** How a list reads as CSV. */
export interface CsvForm {
  /** Columns in an example for errors. */
  readonly example: string;
  /** Returns the input of a row. Throws INPUT_INVALID for columns that the list does not have. */
  readonly readerOf: (columns: readonly string[]) => (cells: readonly string[]) => unknown;
}

/** No valid line is longer: a user has 101 devices and 8 KB of attributes at most. */
const mostLineBytes = 1_048_576;
const name = "the upload";

const lineProblem = (problem: string, fix: string): { readonly problem: Finding } => ({
  problem: { field: "line", reason: "invalid_request", problem, fix },
});

const tooLong = lineProblem(`is longer than ${mostLineBytes / 1_024} KiB`, "give one item a line");

const parsed = (text: string): { readonly input: unknown } | { readonly problem: Finding } => {
  try {
    return { input: JSON.parse(text) };
  } catch (error) {
    return lineProblem(`is not JSON: ${messageOf(error)}`, "give one JSON object a line");
  }
};

async function* jsonEntries(chunks: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  let line = 0;
  for await (const bytes of linesOf(chunks, mostLineBytes)) {
    line += 1;
    if (!bytes) {
      yield { line, bytes: 0, ...tooLong };
      continue;
    }
    const isMarked = line === 1 && bytes.indexOf(byteOrderMark) === 0;
    const text = decodeText(isMarked ? bytes.subarray(byteOrderMark.length) : bytes);
    if (text.trim() !== "") yield { line, bytes: bytes.length, ...parsed(text) };
  }
}

async function* csvEntries(head: Buffer, chunks: AsyncIterable<Buffer>, { readerOf, example }: CsvForm): AsyncGenerator<Entry> {
  let columns: readonly string[] | undefined;
  let read: ReturnType<CsvForm["readerOf"]> = () => undefined;
  for await (const { number: line, cells } of csvRowsOf({ name, chunks, start: textStartOf(head), mostRecordBytes: mostLineBytes })) {
    if (!columns) {
      assertColumns(name, cells, example);
      columns = cells;
      read = readerOf(cells);
      continue;
    }
    // spreadsheets write such rows below the last one that ever had content
    if (cells.every((cell) => cell === "")) continue;
    const bytes = cells.reduce((sum, cell) => sum + cell.length, 0);
    const isTooWide = cells.length > columns.length;
    const wide = `has ${cells.length} cells, but the header has ${columns.length} columns`;
    yield { line, bytes, ...(isTooWide ? lineProblem(wide, "quote cells that contain the delimiter") : { input: read(cells) }) };
  }
}

/**
 * The items of an uploaded list, one at a time. An item that the end of a broken upload cut off is not returned. Throws INPUT_INVALID for
 * bytes that are not such a list, and the error of the upload itself.
 */
export async function* entriesOf(upload: AsyncIterable<Uint8Array>, format: ImportFormat, form: CsvForm): AsyncGenerator<Entry> {
  const { head, chunks } = await withHead(upload);
  if (isUtf16(head)) throw new CarillonError("INPUT_INVALID", `${name} is in UTF-16, but must be UTF-8`, { fix: "save it in UTF-8" });
  yield* format === "csv" ? csvEntries(head, chunks, form) : jsonEntries(chunks);
}
