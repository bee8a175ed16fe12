import { stringify } from "csv-stringify/sync";
import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { toExtended } from "../extended-json.js";
import type { Cell, Table } from "./tables.js";

export const formats = ["csv", "ndjson", "parquet"] as const;
export type Format = (typeof formats)[number];

/** Encodes documents as a file, page by page. */
export interface Encoder<T> {
  /** Whether an interrupted file can be continued by appending pages. */
  readonly appends: boolean;
  page(documents: readonly T[]): Uint8Array;
  /** The bytes after the last page. */
  end(): Uint8Array;
}

export const mediaTypes: Readonly<Record<Format, string>> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

const nothing = new Uint8Array();

/** Spreadsheets treat a line with this start as a formula, including full-width characters. A signed number is not a formula. */
const isFormula = (line: string): boolean =>
  /^[=@\t\r\uFF1D\uFF20]/.test(line) || (/^[+\-\uFF0B\uFF0D]/.test(line) && !/^[+-]?\d+(\.\d+)?$/.test(line));

/** Line breaks in a cell: of any operating system, and Unicode's. */
const lineBreak = /(\r\n|[\r\n\v\f\u0085\u2028\u2029])/;

/** Text in which no line is a formula, because some spreadsheets split a cell at its line breaks. */
const harmless = (text: string): string =>
  text
    .split(lineBreak)
    .map((part) => (isFormula(part) && !lineBreak.test(part) ? `'${part}` : part))
    .join("");

const csvCell = (cell: Cell): Cell => (typeof cell === "string" ? harmless(cell) : cell);

/** `goesOn`: the header has been written already. Source: RFC 4180. */
const csv = <T>({ columns, rowOf }: Table<T>, goesOn: boolean): Encoder<T> => {
  let head = !goesOn;
  // every text is quoted, so that a line break, space or comma in it does not end its cell
  const write = (rows: readonly (readonly Cell[])[]): Uint8Array =>
    Buffer.from(stringify(rows as Cell[][], { record_delimiter: "windows", quoted_string: true, cast: { boolean: String } }));
  return {
    appends: true,
    page: (documents) => {
      const names = head ? [columns.map(({ name }) => name)] : [];
      head = false;
      return write([...names, ...documents.map((document) => rowOf(document).map(csvCell))]);
    },
    end: () => (head ? write([columns.map(({ name }) => name)]) : nothing),
  };
};

/** One document per line in extended JSON, with all its fields. */
const ndjson = <T>(): Encoder<T> => ({
  appends: true,
  page: (documents) => Buffer.from(documents.map((document) => `${toExtended(document)}\n`).join("")),
  end: () => nothing,
});

const parquetValue = (cell: Cell, type: Table<unknown>["columns"][number]["type"]): unknown => {
  if (cell === null) return null;
  if (type === "INT64") return BigInt(cell as number);
  return type === "TIMESTAMP" ? new Date(cell as string) : cell;
};

/** One row group per page. */
const parquet = <T>({ columns, rowOf }: Table<T>): Encoder<T> => {
  const writer = new ByteWriter();
  const columnsOf = (documents: readonly T[]) => {
    const rows = documents.map(rowOf);
    return columns.map(({ name, type }, index) => ({
      name,
      type,
      nullable: true,
      data: rows.map((row) => parquetValue(row[index] ?? null, type)),
    }));
  };
  const file = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: columnsOf([]) }), createdBy: "Carillon" });
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  return {
    appends: false,
    page: (documents) => {
      if (documents.length > 0) void file.write({ columnData: columnsOf(documents), rowGroupSize: documents.length });
      return taken();
    },
    end: () => {
      file.finish();
      return taken();
    },
  };
};

export const encoderOf = <T>(format: Format, table: Table<T>, goesOn = false): Encoder<T> => {
  if (format === "csv") return csv(table, goesOn);
  return format === "ndjson" ? ndjson() : parquet(table);
};
