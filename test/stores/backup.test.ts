import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const environment = (folder: string) => ({ ...cleanEnvironment(), NO_COLOR: "1", CARILLON_DATA_DIR: folder, CARILLON_PORT: "0" });

/** By a shell, since only that sets another umask. */
const carillon = (folder: string, ...args: string[]) =>
  spawnSync("sh", ["-c", 'umask 022; exec "$@"', "sh", process.execPath, join(root, "bin/carillon.js"), ...args], {
    env: environment(folder),
    encoding: "utf8",
    timeout: 60_000,
  });

const start = async (folder: string) => {
  const child = spawn("sh", ["-c", 'umask 022; exec "$@"', "sh", process.execPath, join(root, "bin/carillon.js"), "start"], {
    env: environment(folder),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const url = await eventually(
    () => {
      if (child.exitCode !== null) throw new Error(`Carillon ended with ${child.exitCode}:\n${output}`);
      return /ready at (http:\S+)/.exec(output)?.[1] ?? "";
    },
    (found) => found !== "",
    60_000,
  );
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await once(child, "exit");
  };
  return { url, stop };
};

const send = async (url: string, number: number): Promise<string> => {
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: `Hi ${number}` } }),
  });
  return ((await response.json()) as { id: string }).id;
};

const modesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => [
      name,
      (statSync(join(folder, name)).mode & 0o777).toString(8),
    ]),
  );

it("a backup taken while messages come in holds each that was accepted before, is checked, and is restored", async () => {
  const scratch = scratchFolder();
  const [folder, file] = [join(scratch.path, "data"), join(scratch.path, "backups", "one.mdb")];
  const running = await start(folder);
  const before = await Promise.all(Array.from({ length: 50 }, (_, number) => send(running.url, number)));
  let goesOn = true;
  const traffic = (async () => {
    for (let number = 100; goesOn; number += 1) await send(running.url, number);
  })();
  const made = carillon(folder, "backup", file);
  goesOn = false;
  await traffic;
  expect(made.stderr + made.stdout).toMatch(/one\.mdb: [\d.]+ MiB, [\d,]+ values, all pages checked/);
  expect(carillon(folder, "doctor").stdout).toMatch(/✔ store +[\d,]+ pages .* are sound/);
  expect(carillon(folder, "backup", file).stderr).toContain("exists already");
  expect(carillon(folder, "restore", file, "--replace").stderr).toMatch(/process \d+ on .* already runs on/);
  await running.stop("SIGTERM");

  expect(carillon(folder, "restore", file).stderr).toContain("holds a store already");
  const elsewhere = join(scratch.path, "restored");
  const restored = carillon(elsewhere, "restore", file);
  expect(restored.stdout).toContain(`${elsewhere} is as it was when`);
  const again = await start(elsewhere);
  for (const id of before) {
    await eventually(
      async () => ((await (await fetch(`${again.url}/v1/messages/${id}`)).json()) as { status?: string }).status,
      (status) => status === "delivered",
      30_000,
    );
  }
  await again.stop("SIGTERM");
  const replaced = carillon(folder, "restore", file, "--replace");
  expect(replaced.stdout).toMatch(/what it held before is in .*carillon\.mdb\.before-\d{14}/);

  writeFileSync(join(scratch.path, "bad.mdb"), readFileSync(file).subarray(0, 20_000));
  expect(carillon(join(scratch.path, "third"), "restore", join(scratch.path, "bad.mdb")).stderr).toMatch(/is damaged|cut/);
  expect(existsSync(join(scratch.path, "third", "carillon.mdb"))).toBe(false);
  scratch.remove();
}, 120_000);

it("keeps the data folder, its files, and backups from group and others, whatever the umask, and doctor names wider ones", async () => {
  const scratch = scratchFolder();
  const folder = join(scratch.path, "data");
  const running = await start(folder);
  const id = await send(running.url, 1);
  await eventually(
    async () => ((await (await fetch(`${running.url}/v1/messages/${id}`)).json()) as { status?: string }).status,
    (status) => status === "delivered",
    30_000,
  );
  await running.stop("SIGTERM");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const modes = modesOf(folder);
  expect(Object.keys(modes)).toEqual(
    expect.arrayContaining(["carillon.mdb", "carillon.mdb-lock", "running.lock", "outbox", "outbox/sms.ndjson"]),
  );
  for (const [name, mode] of Object.entries(modes)) expect([name, mode]).toEqual([name, name === "outbox" ? "700" : "600"]);
  const file = join(scratch.path, "b.mdb");
  carillon(folder, "backup", file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(carillon(folder, "doctor").stdout).toContain("for this account alone");
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "wide"), { mode: 0o755 });
  chmodSync(join(folder, "wide"), 0o755);
  const { stdout } = carillon(folder, "doctor");
  expect(stdout).toContain(`${folder} (0755)`);
  expect(stdout).toContain(`${join(folder, "wide")} (0755)`);
  scratch.remove();
}, 120_000);
