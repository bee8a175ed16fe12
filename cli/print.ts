import pc from "picocolors";
import { escapeOutput } from "./escape-control.js";

/** All output passes here: what others wrote must not act upon the terminal. */
export const say = (line = ""): void => {
  process.stdout.write(`${escapeOutput(line)}\n`);
};

/** The same on the other channel: progress, warnings, errors. */
export const sayAside = (line: string): void => {
  process.stderr.write(`${escapeOutput(line)}\n`);
};

const asJsonEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** JSON, in which what a terminal would act upon is escaped as JSON does. */
export const sayJson = (value: unknown): void => {
  const json = JSON.stringify(value, null, 2) ?? "null";
  process.stdout.write(`${json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, asJsonEscape)}\n`);
};

/** A span of time as a person says it. */
export const spanOf = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
};

/** Columns as wide as their widest cell; the first row is the head. */
export const table = (given: readonly (readonly string[])[]): string => {
  const rows = given.map((row) => row.map((cell) => escapeOutput(cell).replaceAll("\n", "\\n").replaceAll("\t", "\\t")));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row, index) => {
      const line = row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd();
      return index === 0 ? pc.dim(line) : line;
    })
    .join("\n");
};

/** One line that says how far long work is; on a terminal it stays in place. */
export const createProgress = (what: string) => {
  let lastMs = 0;
  const write = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${escapeOutput(text)}`);
    else sayAside(text);
  };
  return {
    at: (done: number, total?: number): void => {
      const now = Date.now();
      if (now - lastMs < (process.stderr.isTTY ? 100 : 2_000)) return;
      lastMs = now;
      write(
        `${what}: ${done.toLocaleString("en")}${total === undefined ? "" : ` of ${total.toLocaleString("en")} (${Math.floor((done / Math.max(total, 1)) * 100)} %)`}`,
      );
    },
    end: (): void => {
      if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
    },
  };
};
