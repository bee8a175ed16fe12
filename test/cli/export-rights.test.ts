import { spawnSync } from "node:child_process";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = scratchFolder();
afterAll(() => folder.remove());

describe("an export", () => {
  it.each(["csv", "ndjson", "parquet"])("in %s is its owner's alone, also where others could read what lay there", (format) => {
    const out = join(folder.path, `wide.${format}`);
    for (const file of [out, `${out}.part`, `${out}.turning`]) {
      writeFileSync(file, "");
      chmodSync(file, 0o666);
    }
    const args = ["bin/carillon.js", "reports", "export", "messages_email", "--format", format, "--out", out];
    const env = { PATH: process.env.PATH, CARILLON_DATA_DIR: join(folder.path, "data") };
    expect(spawnSync(process.execPath, args, { cwd: root, env, timeout: 60_000 }).status).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });
});
