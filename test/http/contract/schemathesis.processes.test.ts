import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installSchemathesis } from "../../servers/schemathesis.js";
import { runCommand } from "../../servers/shell.js";
import { scratchFolder } from "../../support/scratch.js";
import { apiKeys, keys, startWithRoutes } from "../walked-server.js";

interface Report {
  readonly complete: boolean;
  readonly operations: { readonly selected: number; readonly tested: number; readonly errored: number };
  readonly test_cases: { readonly generated: number; readonly errored: number };
  readonly failures: readonly unknown[];
  readonly errors: readonly unknown[];
}

const config = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
const installMs = 600_000;
const mostShown = 20_000;
const runMs = 400_000;

const folder = scratchFolder();
let command: string;
let server: Awaited<ReturnType<typeof startWithRoutes>>;
beforeAll(async () => {
  command = await installSchemathesis();
  server = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 100_000 });
}, installMs);
afterAll(async () => {
  await server?.stop();
  folder.remove();
});

it(
  "answers what schemathesis sends to each operation as the description declares, without server errors",
  async () => {
    const { url } = server.carillon;
    const file = join(folder.path, "report.json");
    const key = `Authorization: Bearer ${keys.operations}`;
    const shown = join(folder.path, "output.txt");
    const args = ["--config-file", config, "run", `${url}/openapi.json`, "--header", key, "--report", "json", "--report-json-path", file];
    const script = `exec "$0" "$@" > "${shown}" 2>&1`;
    await runCommand("sh", ["-c", script, command, ...args], { cwd: folder.path, timeoutMs: runMs }).catch(() => undefined);
    const output = readFileSync(shown, "utf8").slice(0, mostShown);
    if (!existsSync(file)) throw new Error(output);
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    expect({ failures: report.failures, errors: report.errors, complete: report.complete }, output).toEqual({
      failures: [],
      errors: [],
      complete: true,
    });
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { readonly paths: Readonly<Record<string, object>> };
    const described = Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
    const endless = 1;
    expect(report.operations.tested).toBe(described - endless);
    expect(report.test_cases.generated).toBeGreaterThan(1_000);
  },
  runMs + 20_000,
);
