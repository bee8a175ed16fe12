import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = scratchFolder();
afterAll(() => folder.remove());
const env = { PATH: process.env.PATH, NO_COLOR: "1", CARILLON_DATA_DIR: join(folder.path, "data"), CARILLON_PORT: "0" };
const command = join(root, "bin/carillon.js");

describe("standard output", () => {
  it.each([["topology"], ["config", "print"], ["doctor"]])("that takes nothing fails %s", (...args) => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd: root,
      env,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(stderr).toContain("✗ the output could not be written: ENOSPC");
    expect(status).toBe(1);
  });

  it("whose reader has seen enough fails no command", () => {
    const line = `{ "${process.execPath}" "${command}" config print --defaults; echo $? >&3; } 3>&2 | head -1`;
    expect(spawnSync("sh", ["-c", line], { env, encoding: "utf8" }).stderr).toBe("0\n");
  });

  it("that is closed ends no server", async () => {
    const server = spawn(process.execPath, [command, "start"], { cwd: root, env, stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
    server.stdout.destroy();
    const url = /http:\S+/.exec(line)?.[0] ?? "";
    const message = { channel: "email", to: "success@sandbox.carillon.test", content: { subject: "s", text: "t" } };
    const headers = { "content-type": "application/json" };
    const sent = await fetch(`${url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(message) });
    const { id } = (await sent.json()) as { id: string };
    await eventually(
      async () => (await fetch(`${url}/v1/messages/${id}`)).text(),
      (text) => text.includes('"delivered"'),
    );
    server.kill("SIGTERM");
    expect(await once(server, "exit")).toEqual([0, null]);
  });

  it("and files that take only a part of an export fail it, and leave none that looks whole", () => {
    const out = join(folder.path, "short.parquet");
    const line = `ulimit -f 4; exec "${process.execPath}" "${command}" reports export messages_email --format parquet --out "${out}"`;
    const { status, stderr } = spawnSync("sh", ["-c", line], { env, encoding: "utf8" });
    expect(stderr).toContain("EFBIG");
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [["why", " "], "It is empty."],
    [["erase", ""], "It is empty."],
    [["outbox", "sms", "--limit", "-3"], "It must be a whole number from 1 to 1000."],
  ])("%j is refused in plain words", (args, words) => {
    const { status, stderr } = spawnSync(process.execPath, [command, ...args], { cwd: root, env, encoding: "utf8" });
    expect(stderr).toContain(words);
    expect(status).toBe(1);
  });
});
