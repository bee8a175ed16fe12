import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFolder } from "../../stores/folder-lock.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { checkStoreFile } from "../../stores/lmdb-file.js";
import { holdStore } from "../../stores/store-lock.js";
import { eventually } from "../support/eventually.js";
import { carillonOn, type Running, startOn } from "../support/running.js";
import { scratchFolder } from "../support/scratch.js";

let scratch: ReturnType<typeof scratchFolder>;
let folder = "";
let running: Running | undefined;
beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, "data");
});
afterEach(async () => {
  await running?.stop("SIGKILL");
  running = undefined;
  scratch.remove();
});

const store = (): string => join(folder, "carillon.mdb");

it("a data folder that is moved ends no process: nothing is accepted until it is back", async () => {
  running = await startOn(folder);
  const { send, ask, output } = running;
  expect((await send(1)).status).toBe(202);
  const away = join(scratch.path, "away");
  renameSync(folder, away);
  const refused = await eventually(
    () => send(2),
    ({ status }) => status === 503,
    5_000,
  );
  expect(refused.detail).toContain("the store was moved");
  let refusals = 0;
  const refusedAgain = async (): Promise<number> => {
    expect((await send(2)).status).toBe(503);
    refusals += 1;
    return refusals;
  };
  await eventually(refusedAgain, (count) => count === 40); // meanwhile each check of the disk runs
  expect((await ask("/healthz")).status).toBe(200);
  expect((await ask("/readyz")).status).toBe(503);
  expect(output()).toContain("a file of the store was moved, removed or replaced");
  rmSync(folder, { recursive: true, force: true }); // the sandbox may have created its outbox there
  renameSync(away, folder);
  await eventually(
    () => send(3),
    ({ status }) => status === 202,
    5_000,
  );
}, 120_000);

it("a process whose lock files are removed is still the only one, and no command writes beside it", async () => {
  running = await startOn(folder);
  expect((await running.send(1)).status).toBe(202);
  rmSync(join(folder, "running.lock"));
  const second = carillonOn(folder, ["start"]);
  expect(second.status).toBe(1);
  expect(second.stderr).toContain(`another process already runs on ${store()}`);
  rmSync(`${store()}-lock`);
  const send = carillonOn(folder, ["send", "--channel", "sms", "--to", "+14155550100", "--text", "x"]);
  expect(send.signal).toBeNull();
  expect(send.stderr).toContain("carillon.mdb-lock is missing although a process is using the store");
  expect((await running.send(2)).status).toBe(503);
}, 120_000);

it("a folder whose store is a link to that of another is refused while a process runs on that", async () => {
  const environment = openEnvironment(folder);
  const release = holdStore(folder);
  for (const [name, link] of Object.entries({ symbolic: symlinkSync, hard: linkSync })) {
    const other = join(scratch.path, name);
    mkdirSync(other, { mode: 0o700 });
    link(store(), join(other, "carillon.mdb"));
    await expect(lockFolder(other)).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  }
  release();
  await environment.close();
});

it("a restore waits for no command that has the store open: it is refused, and nothing changes", async () => {
  const environment = openEnvironment(folder);
  const backup = join(scratch.path, "one.mdb");
  expect(carillonOn(folder, ["backup", backup]).status).toBe(0);
  const refused = carillonOn(folder, ["restore", "--replace", backup]);
  expect(refused.stderr).toContain(`another command has the store in ${folder} open`);
  expect(readdirSync(folder).filter((name) => name.includes(".before-"))).toEqual([]);
  await environment.close();
  expect(carillonOn(folder, ["restore", "--replace", backup]).status).toBe(0);
  expect(readdirSync(folder).filter((name) => name.includes(".before-"))).toHaveLength(1);
}, 120_000);

/**
 * Ends the command at its second rename, like a power failure. Previously the store had been moved aside then, with nothing in its place.
 */
const killed = `data:text/javascript,${encodeURIComponent(`
  import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
  const rename = fs.renameSync;
  fs.renameSync = (from, to) => { if (String(to).endsWith("carillon.mdb")) process.kill(process.pid, "SIGKILL"); rename(from, to); };
  syncBuiltinESMExports();`)}`;

it("a restore that is killed before its last step leaves the store that was there", async () => {
  await openEnvironment(folder).close();
  const backup = join(scratch.path, "one.mdb");
  expect(carillonOn(folder, ["backup", backup]).status).toBe(0);
  const { signal } = carillonOn(folder, ["restore", "--replace", backup], { NODE_OPTIONS: `--import ${killed}` });
  expect(signal).toBe("SIGKILL");
  expect(existsSync(store())).toBe(true);
  expect(carillonOn(folder, ["doctor"]).stdout).toMatch(/✔ store/);
  expect(carillonOn(folder, ["restore", "--replace", backup]).status).toBe(0);
}, 120_000);

it.each(["carillon.clean", "restore.partial", "carillon.mdb.before-20261128230602"])(
  "a folder with %s but without its store is reported, and no empty store takes its place",
  (name) => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, name), "");
    expect(() => checkStoreFile(folder)).toThrowError(/carillon\.mdb is missing, though its folder was in use/);
    expect(existsSync(store())).toBe(false);
  },
);
