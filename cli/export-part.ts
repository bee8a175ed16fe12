import {
  createReadStream,
  existsSync,
  fchmodSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { encoderOf } from "../reports/export/formats.js";
import { tableFor } from "../reports/export/tables.js";
import { fromExtended } from "../reports/extended-json.js";
import { CarillonError, messageOf } from "../schemas/errors.js";
import type { CollectionName, DocumentOf } from "../stores/lineage-store/lineage-store.js";
import { privateFileMode } from "../stores/private-files.js";

/** `before`: messages accepted later are not part of the export. */
const partShape = z.object({
  cursor: z.string().optional(),
  rows: z.number().int().min(0),
  bytes: z.number().int().min(0),
  before: z.iso.datetime(),
  question: z.string(),
});

type Part = z.output<typeof partShape>;

/** The progress of an interrupted export; undefined if there is none. */
const keptPart = (notes: string): Part | undefined => {
  if (!existsSync(notes)) return undefined;
  try {
    return partShape.parse(JSON.parse(readFileSync(notes, "utf8")));
  } catch (error) {
    throw new CarillonError("INPUT_INVALID", `${notes} does not hold the progress of the export`, {
      cause: error,
      fix: "remove it to start the export again",
    });
  }
};

/** Does `work` on the export's files. Throws INPUT_INVALID with the path, instead of the system's error, if they cannot be written. */
const writing = <T>(out: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw new CarillonError("INPUT_INVALID", `${out} cannot be written: ${messageOf(error)}`, {
      cause: error,
      field: "--out",
      fix: "check the permissions and the free space of its folder, or give a file in another folder",
    });
  }
};

/** Opens a file with private permissions. Use writeFileSync on it: on a full disk writeSync writes only part, without an error. */
const openPrivate = (file: string, flags: "a" | "w"): number => {
  const handle = openSync(file, flags, privateFileMode);
  fchmodSync(handle, privateFileMode);
  return handle;
};

/** An unfinished export: its file and its progress. */
export const openPart = (out: string, question: string) => {
  const [file, notes] = [`${out}.part`, `${out}.part.json`];
  const kept = existsSync(file) ? keptPart(notes) : undefined;
  // a file shorter than its recorded progress lost its end in a crash: the gap would be filled with zeros
  const goesOn = kept?.question === question && statSync(file).size >= kept.bytes;
  let part: Part = goesOn && kept ? kept : { cursor: undefined, rows: 0, bytes: 0, before: new Date().toISOString(), question };
  const handle = writing(out, () => {
    if (goesOn) truncateSync(file, part.bytes);
    return openPrivate(file, goesOn ? "a" : "w");
  });
  return {
    file,
    current: () => part,
    add: (bytes: Uint8Array, rows: number, cursor: string): void => {
      writing(out, () => writeFileSync(handle, bytes));
      part = { ...part, cursor, rows: part.rows + rows, bytes: part.bytes + bytes.length };
      writing(out, () => writeFileSync(notes, JSON.stringify(part)));
    },
    end: (bytes: Uint8Array): void =>
      writing(out, () => {
        writeFileSync(handle, bytes);
        renameSync(file, out);
        rmSync(notes, { force: true });
      }),
  };
};

/** Documents of an NDJSON file, `size` at a time. */
const pagesOf = async function* (file: string, size: number): AsyncGenerator<DocumentOf<CollectionName>[]> {
  let page: DocumentOf<CollectionName>[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    page.push(fromExtended(line) as DocumentOf<CollectionName>);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
};

const rowsPerGroup = 10_000;

/** Parquet files cannot be continued: the export is collected as NDJSON and converted at the end. */
export const toParquet = async (file: string, out: string, collection: CollectionName): Promise<void> => {
  const encoder = encoderOf("parquet", tableFor(collection));
  const handle = writing(out, () => openPrivate(`${out}.turning`, "w"));
  for await (const page of pagesOf(file, rowsPerGroup)) writing(out, () => writeFileSync(handle, encoder.page(page)));
  writing(out, () => {
    writeFileSync(handle, encoder.end());
    renameSync(`${out}.turning`, out);
    rmSync(file, { force: true });
    rmSync(`${out}.part.json`, { force: true });
  });
};
