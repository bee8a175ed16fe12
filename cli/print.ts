import { escapeControl, escapeJson } from "../schemas/control-characters.js";
import { mebibytes } from "../schemas/counted.js";
import { paint, painted, showsColors, unpainted } from "./palette.js";

/** External text must not control the terminal: it is escaped first, and Carillon's styles are added afterwards. */
const shown = (text: string, stream: NodeJS.WriteStream): string => {
  const escaped = escapeControl(text);
  return showsColors(stream, process.env) ? painted(escaped) : unpainted(escaped);
};

/** All output uses this function. */
export const say = (line = ""): void => {
  process.stdout.write(`${shown(line, process.stdout)}\n`);
};

/** The same on standard error: progress, warnings, errors. */
export const sayAside = (line: string): void => {
  process.stderr.write(`${shown(line, process.stderr)}\n`);
};

/** Prints JSON, with terminal control characters as JSON escapes. */
export const sayJson = (value: unknown): void => {
  process.stdout.write(`${escapeJson(JSON.stringify(value, null, 2) ?? "null")}\n`);
};

/** A duration in words. */
export const spanOf = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
};

/** Columns as wide as their widest cell. The first row is the header. */
export const table = (given: readonly (readonly string[])[]): string => {
  const rows = given.map((row) => row.map((cell) => escapeControl(cell).replaceAll("\n", "\\n").replaceAll("\t", "\\t")));
  const widthOf = (cell: string | undefined): number => unpainted(cell ?? "").length;
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column])))) ?? [];
  return rows
    .map((row, index) => {
      const line = row
        .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join("  ")
        .trimEnd();
      return index === 0 ? paint.dim(line) : line;
    })
    .join("\n");
};

/** `done` as a share of `total`; nothing if that is 0. */
export const percentOf = (done: number, total: number): string => (total === 0 ? "" : ` (${Math.floor((done / total) * 100)}%)`);

type ShowProgress = (done: number, total: number | undefined) => string;

const withTotal =
  (numberOf: (value: number) => string, unit = ""): ShowProgress =>
  (done, total) =>
    total === undefined ? `${numberOf(done)}${unit}` : `${numberOf(done)} of ${numberOf(total)}${unit}${percentOf(done, total)}`;

const inCounts = withTotal((count) => count.toLocaleString("en"));
export const inMebibytes = withTotal(mebibytes, " MiB");
export const inSeconds = withTotal(String, " s");

/** One line with the progress of a long operation, updated in place on a terminal. `show`: the figures in words. */
export const createProgress = (what: string, show: ShowProgress = inCounts) => {
  let lastMs = 0;
  const write = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${shown(text, process.stderr)}`);
    else sayAside(text);
  };
  return {
    at: (done: number, total?: number): void => {
      const nowMs = Date.now();
      if (nowMs - lastMs < (process.stderr.isTTY ? 100 : 2_000)) return;
      lastMs = nowMs;
      write(`${what}: ${show(done, total)}`);
    },
    end: (): void => {
      if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
    },
  };
};
