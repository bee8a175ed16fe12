import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { walkStore } from "../../stores/lmdb-walk.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pageBytes = 4_096;

let sound: ReturnType<typeof scratchFolder>;

/** A store with several levels of pages, values on separate pages, and free pages. */
beforeAll(async () => {
  sound = scratchFolder();
  const environment = openEnvironment(sound.path);
  const values = environment.root.openDB<Buffer, string>("values", { encoding: "binary" });
  const more = environment.root.openDB<number, string>("more", {});
  for (let round = 0; round < 5; round += 1) {
    await environment.transaction(() => {
      for (let number = 0; number < 2_000; number += 1) {
        void values.put(`key ${number}`, Buffer.alloc(number % 7 === 0 ? 9_000 : 120, number + round));
        void more.put(`key ${number}`, number);
      }
    });
  }
  await environment.close();
  mkdirSync(join(sound.path, "outbox"));
}, 60_000);
afterAll(() => sound.remove());

/** Bytes without a structure, the same in each run. */
const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
};

const overwrite = (path: string, at: number, bytes: Buffer): void => {
  const whole = readFileSync(path);
  bytes.copy(whole, at);
  writeFileSync(path, whole);
};
/** A page that the latest transaction uses; the content of other pages is never read. */
const usedPage = (path: string, from: number): number => {
  const bytes = readFileSync(path);
  const latest = bytes.readBigUInt64LE(pageBytes + 152) > bytes.readBigUInt64LE(152) ? pageBytes : 0;
  const mainRoot = Number(bytes.readBigUInt64LE(latest + 24 + 24 + 48 + 40));
  if (from === 0) return mainRoot;
  // the last page with leaves or branches of the latest transaction that wrote any
  const pages = Array.from({ length: bytes.length / pageBytes }, (_, page) => page).filter((page) => {
    const kind = bytes.readUInt16LE(page * pageBytes + 18) & 7;
    const newest = bytes.readBigUInt64LE(page * pageBytes + 8) >= BigInt(from);
    return page > 1 && newest && (kind === 1 || kind === 2) && bytes.readBigUInt64LE(page * pageBytes) === BigInt(page);
  });
  return pages.at(-1) ?? 0;
};

const damages: Readonly<Record<string, (store: string, folder: string) => void>> = {
  "cut to half": (store) => truncateSync(store, Math.floor(readFileSync(store).length / 2)),
  "cut within its first page": (store) => truncateSync(store, 100),
  "full of zeros": (store) => writeFileSync(store, Buffer.alloc(readFileSync(store).length)),
  "with a random header": (store) => overwrite(store, 0, noise(pageBytes)),
  "with a random second page": (store) => overwrite(store, pageBytes, noise(pageBytes)),
  "with a random page in its middle": (store) => overwrite(store, usedPage(store, 0) * pageBytes, noise(pageBytes)),
  "with a random page at its end": (store) => overwrite(store, usedPage(store, 6) * pageBytes, noise(pageBytes)),
  "empty next to an outbox": (store) => writeFileSync(store, ""),
  "with another magic number": (store) => overwrite(store, 24, Buffer.from("deadbeef", "hex")),
  "with another format": (store) => overwrite(store, 28, Buffer.from([99, 0, 0, 0])),
  "with an impossible page size": (store) => overwrite(store, 48, Buffer.from([0, 0, 0, 0])),
  "that is a folder": (store) => {
    rmSync(store);
    mkdirSync(store);
  },
  "whose lock file is a folder": (store) => {
    rmSync(`${store}-lock`, { force: true });
    mkdirSync(`${store}-lock`);
  },
  "swapped with its lock file": (store) => {
    renameSync(store, `${store}.was`);
    copyFileSync(join(sound.path, "carillon.mdb-lock"), store);
    renameSync(`${store}.was`, `${store}-lock`);
  },
  "that is text": (store) => writeFileSync(store, "hello\n".repeat(5_000)),
};

const carillon = (folder: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, "bin/carillon.js"), ...args], {
    env: { ...cleanEnvironment(), NO_COLOR: "1", CARILLON_DATA_DIR: folder, CARILLON_PORT: "0" },
    encoding: "utf8",
    timeout: 60_000,
  });

const copyOfSound = () => {
  const folder = scratchFolder();
  mkdirSync(join(folder.path, "outbox"));
  for (const name of ["carillon.mdb", "carillon.mdb-lock"]) copyFileSync(join(sound.path, name), join(folder.path, name));
  return folder;
};

describe("a store", () => {
  it.each(Object.entries(damages))("%s is reported at the start by its path and what helps, and ends by no signal", (_name, damage) => {
    const folder = copyOfSound();
    const store = join(folder.path, "carillon.mdb");
    damage(store, folder.path);
    const { status, signal, stderr } = carillon(folder.path, "start");
    expect(signal).toBeNull();
    expect(status).toBe(1);
    const lines = stderr.split("\n").filter((line) => /^(✗| {2}fix:)/.test(line));
    expect(lines[0]).toContain(`the embedded store ${store}`);
    expect(lines[1]).toMatch(/carillon restore|permission to read|move/);
    expect(stderr).not.toMatch(/\n\s+at /);
    folder.remove();
  });

  it.each(["with a random page in its middle", "cut to half"])("%s is reported by other commands and by doctor too", (name) => {
    const folder = copyOfSound();
    damages[name]?.(join(folder.path, "carillon.mdb"), folder.path);
    for (const args of [["status", "no-such-message"], ["doctor"], ["lanes"]]) {
      const { status, signal, stdout, stderr } = carillon(folder.path, ...args);
      expect(signal).toBeNull();
      expect(status).not.toBe(0);
      expect(stdout + stderr).toContain(join(folder.path, "carillon.mdb"));
    }
    folder.remove();
  });

  it("that this account cannot read is reported with what helps", () => {
    const folder = copyOfSound();
    const store = join(folder.path, "carillon.mdb");
    chmodSync(store, 0);
    // root can read everything, so the check runs with another account
    const asOther = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : [];
    chmodSync(folder.path, 0o755);
    const script = `import(${JSON.stringify(join(root, "dist/stores/lmdb-file.js"))}).then(({ checkStoreFile }) => checkStoreFile(${JSON.stringify(folder.path)})).catch((error) => { console.log(error.code, error.message, error.fix); })`;
    const [command = process.execPath, ...args] = [...asOther, process.execPath, "-e", script];
    const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
    expect(stdout + stderr).toMatch(/STORE_DAMAGED.*EACCES.*permission to read/);
    folder.remove();
  });

  it("whose lock file is damaged opens: LMDB makes it again", async () => {
    const folder = copyOfSound();
    writeFileSync(join(folder.path, "carillon.mdb-lock"), noise(8_272));
    const script = `import(${JSON.stringify(join(root, "dist/stores/lmdb-environment.js"))}).then(async ({ openEnvironment }) => { const environment = openEnvironment(${JSON.stringify(folder.path)}); console.log(environment.root.openDB("more", {}).get("key 7")); await environment.close(); })`;
    const { stdout, signal } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", timeout: 60_000 });
    expect(signal).toBeNull();
    expect(stdout.trim()).toBe("7");
    folder.remove();
  });

  it("that is sound is walked over whole", async () => {
    const walked = await walkStore(join(sound.path, "carillon.mdb"));
    // two names, twice 2,000 values, and the entries of the list of free pages
    expect(walked.values).toBeGreaterThanOrEqual(4_000);
    expect(walked.usedPages).toBeGreaterThan(900);
  });

  it("with any one page of its latest transaction overwritten is found to be damaged, and the walk never throws anything else", async () => {
    const folder = copyOfSound();
    const store = join(folder.path, "carillon.mdb");
    const bytes = readFileSync(store);
    let found = 0;
    for (let page = 2; page < bytes.length / pageBytes; page += 37) {
      const damagedBytes = Buffer.from(bytes);
      noise(pageBytes).copy(damagedBytes, page * pageBytes);
      writeFileSync(store, damagedBytes);
      try {
        await walkStore(store);
      } catch (error) {
        found += 1;
        expect(error).toMatchObject({ code: "STORE_DAMAGED" });
      }
    }
    expect(found).toBeGreaterThan(5);
    folder.remove();
  });
});
