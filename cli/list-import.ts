import { counted } from "../schemas/counted.js";
import type { Imported, ListFormat, ListUpload, OnProgress } from "./deployment/deployment.js";
import { openImportFile, sizeOfFile } from "./import-file.js";
import { paint } from "./palette.js";
import { createProgress, percentOf, say, sayAside, sayJson } from "./print.js";

const shownLines = 20;

/** A line of NDJSON begins with an object. */
const formatOf = (head: Buffer): ListFormat =>
  /^(\uFEFF)?\s*\{/.test(head.toString("utf8", 0, Math.min(head.length, 1_024))) ? "ndjson" : "csv";

const sayImported = ({ imported, failed, failedCount }: Imported): void => {
  for (const { line, errors } of failed.slice(0, shownLines))
    sayAside(`${paint.red("✗")} line ${line}: ${errors.map(({ field, problem, fix }) => `${field} ${problem} (${fix})`).join("; ")}`);
  if (failedCount > shownLines) sayAside(`… and ${counted(failedCount - shownLines, "further invalid line")}`);
  say(`${counted(imported, "line")} stored, ${failedCount} invalid`);
};

interface ImportOptions {
  readonly refuse?: boolean;
  readonly json?: boolean;
}

/** Imports a file, with its progress, and prints what was stored. Invalid lines set the exit code. */
export const importListOf = async (
  path: string,
  { refuse = false, json }: ImportOptions,
  run: (upload: ListUpload, onProgress: OnProgress) => Promise<Imported>,
): Promise<void> => {
  const { name, head, chunks, readBytes } = await openImportFile(path);
  const total = sizeOfFile(path);
  const progress = createProgress(
    `importing ${name}`,
    (lines) => `${counted(lines, "line")}${total === undefined ? "" : percentOf(readBytes(), total)}`,
  );
  const imported = await run({ format: formatOf(head), chunks, refuse }, progress.at);
  progress.end();
  if (imported.failedCount > 0) process.exitCode = 1;
  json ? sayJson(imported) : sayImported(imported);
};
