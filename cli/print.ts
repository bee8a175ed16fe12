import pc from "picocolors";

export const say = (line = ""): void => {
  process.stdout.write(`${line}\n`);
};

export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2));

/** A span of time as a person says it. */
export const spanOf = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
};

/** Columns as wide as their widest cell; the first row is the head. */
export const table = (rows: readonly (readonly string[])[]): string => {
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
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
    else process.stderr.write(`${text}\n`);
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
