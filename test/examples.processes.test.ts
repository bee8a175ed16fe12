import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { runCommand } from "./servers/shell.js";
import { cleanEnvironment } from "./support/clean-environment.js";
import { scratchFolder } from "./support/scratch.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const plain = { NO_COLOR: "1" };

describe("the examples", () => {
  const folder = scratchFolder();
  let running: ChildProcess | undefined;
  afterEach(async () => {
    running?.kill("SIGTERM");
    await new Promise((resolve) => (running ? running.once("exit", resolve) : resolve(undefined)));
    running = undefined;
  });
  const environment = (name: string) => ({ ...plain, CARILLON_DATA_DIR: join(folder.path, name), CARILLON_PORT: "0" });
  const start = (name: string, ...options: string[]): Promise<string> => {
    const child = spawn(process.execPath, ["bin/carillon.js", ...options, "start"], {
      cwd: root,
      env: { ...cleanEnvironment(), ...environment(name) },
    });
    running = child;
    return new Promise((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => {
        const url = /ready at (http:\S+)/.exec(chunk.toString())?.[1];
        if (url) resolve(url);
      });
      child.once("exit", (code) => reject(new Error(`Carillon ended with ${code}`)));
    });
  };

  it("00: the demo ends every message and says why one failed", async () => {
    const output = await runCommand(process.execPath, ["examples/00-demo/demo.mjs"], { cwd: root, env: plain });
    expect(output).toContain("5 messages: 4 delivered, 1 failed");
    expect(output).toContain("delivered after");
    expect(output).toContain("3 attempts");
    expect(output).toContain("recipient_rejected");
  });

  it("01: a message over HTTP is delivered", async () => {
    const url = await start("01");
    expect(await runCommand("bash", ["examples/01-send-over-http/run.sh"], { cwd: root, env: { CARILLON_URL: url } })).toContain(
      "delivered",
    );
  });

  it("02: a batch is imported whether or not Carillon runs", async () => {
    const output = await runCommand("bash", ["examples/02-import-a-batch/run.sh"], { cwd: root, env: environment("02") });
    expect(output).toContain("5 accepted");
    expect(output).toContain("5 records queued");
  });

  it("03: templates are rendered for the outbox", async () => {
    await start("03", "--config", "examples/03-templates/carillon.yaml");
    const output = await runCommand("bash", ["examples/03-templates/run.sh"], { cwd: root, env: environment("03") });
    expect(output).toContain("Order 1815 is on its way");
    expect(output).toContain("Dear Ada, it arrives tomorrow.");
    expect(output).toContain("1 x Milk");
  });

  it("05: the topology runs in a test", async () => {
    expect(await runCommand(process.execPath, ["--import", "tsx", "examples/05-test-a-topology/retry.mts"], { cwd: root })).toContain(
      "was delivered",
    );
  });
});
