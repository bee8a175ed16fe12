import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { holderOf, lockFolder } from "../../stores/folder-lock.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const lockModule = join(root, "dist/stores/folder-lock.js");

let folder: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => folder.remove());

/** A program that takes the lock, prints that, and stays. */
const holding = (path: string): string =>
  `import(${JSON.stringify(lockModule)}).then(({ lockFolder }) => lockFolder(${JSON.stringify(path)})).then(
    () => { console.log("held"); setInterval(() => undefined, 1000); },
    (error) => { console.log(error.code + ": " + error.message); process.exit(3); });`;

const startHolder = async (path: string) => {
  const child = spawn(process.execPath, ["-e", holding(path)], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString().trim() };
};

it("refuses a second process by the host, the process id and the start of the first, and is free at once after kill -9", async () => {
  const { child, said } = await startHolder(folder.path);
  expect(said).toBe("held");
  await expect(lockFolder(folder.path)).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
    message: expect.stringMatching(
      new RegExp(`^process ${child.pid} on ${hostname()}, started at \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z, already runs on`),
    ),
  });
  expect(holderOf(folder.path)).toMatchObject({ pid: child.pid, host: hostname() });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(holderOf(folder.path)).toBeUndefined();
  const unlock = await lockFolder(folder.path);
  expect(JSON.parse(readFileSync(join(folder.path, "running.lock"), "utf8"))).toMatchObject({ pid: process.pid });
  unlock();
  unlock();
  (await lockFolder(folder.path))();
});

it("starts though the lock file, or one of an earlier version, names a process that lives", async () => {
  writeFileSync(join(folder.path, "running.pid"), "1");
  writeFileSync(
    join(folder.path, "running.lock"),
    JSON.stringify({ host: hostname(), pid: process.ppid, startedAt: "2026-01-01T00:00:00Z" }),
  );
  (await lockFolder(folder.path))();
  writeFileSync(join(folder.path, "running.lock"), Buffer.from([0xff, 0, 0x7b]));
  (await lockFolder(folder.path))();
});

it("refuses a second lock within one process", async () => {
  const unlock = await lockFolder(folder.path);
  await expect(lockFolder(folder.path)).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  unlock();
});

it("refuses a second process in another PID namespace, as two containers on one volume are", async () => {
  const args = ["--pid", "--fork", "--kill-child", "--mount-proc", process.execPath, "-e", holding(folder.path)];
  const first = spawn("unshare", args, { stdio: ["ignore", "pipe", "pipe"] });
  const [said] = (await Promise.race([once(first.stdout, "data"), once(first.stderr, "data")])) as [Buffer];
  expect(said.toString().trim()).toBe("held");
  // both are process 1 or 2 of their own namespace
  const second = spawnSync("unshare", args, { encoding: "utf8", timeout: 20_000 });
  expect(second.stdout).toContain("DATA_DIR_LOCKED: process ");
  expect(second.status).toBe(3);
  first.kill("SIGKILL");
  await once(first, "exit");
  let unlock: (() => void) | undefined;
  for (let left = 50; !unlock && left > 0; left -= 1) unlock = await lockFolder(folder.path).catch(() => undefined);
  expect(unlock).toBeDefined();
  unlock?.();
});

it("reports a folder in place of the lock file by its path", async () => {
  const inPlace = join(folder.path, "running.lock");
  spawnSync("mkdir", [inPlace]);
  await expect(lockFolder(folder.path)).rejects.toMatchObject({ code: "STORE_DAMAGED", message: expect.stringContaining(inPlace) });
});

it("keeps the lock file from group and others", async () => {
  const unlock = await lockFolder(join(folder.path, "data"));
  expect(statSync(join(folder.path, "data")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder.path, "data", "running.lock")).mode & 0o777).toBe(0o600);
  unlock();
});
