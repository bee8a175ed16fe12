import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { open } from "lmdb";
import { expect, it } from "vitest";
import { lmdbOptions } from "../../stores/lmdb-environment.js";
import { checkStoreFile, storePath } from "../../stores/lmdb-file.js";
import { scratchFolder } from "../support/scratch.js";

it("a store that is made and grows at this moment is not taken for a damaged one", async () => {
  const folder = scratchFolder();
  try {
    for (let round = 0; round < 5; round += 1) {
      const path = join(folder.path, `store-${round}`);
      const root = open({ ...lmdbOptions, path: storePath(path) });
      let writing = true;
      const written = (async () => {
        for (let index = 0; index < 60; index += 1) await root.put(`key-${index}`, "x".repeat(200_000));
        writing = false;
      })();
      let checks = 0;
      while (writing) {
        expect(() => checkStoreFile(path)).not.toThrow();
        checks += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      await written;
      await root.close();
      expect(checks).toBeGreaterThan(10);
    }
  } finally {
    folder.remove();
  }
}, 60_000);

it("a store whose pages arrive a moment later is not taken for a damaged one, and one that stays cut short is", async () => {
  const folder = scratchFolder();
  try {
    const path = storePath(folder.path);
    const root = open({ ...lmdbOptions, path });
    await root.put("key", "x".repeat(500_000));
    await root.close();
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, 2 * 4096));
    expect(() => checkStoreFile(folder.path)).toThrow(/cut short/);
    const code = `const { appendFileSync } = require("node:fs"); const { workerData: { path, rest } } = require("node:worker_threads");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30); appendFileSync(path, rest);`;
    const writer = new Worker(code, { eval: true, workerData: { path, rest: whole.subarray(2 * 4096) } });
    const ended = new Promise((resolve) => writer.once("exit", resolve));
    await new Promise((resolve) => writer.once("online", resolve));
    expect(checkStoreFile(folder.path)?.pageBytes).toBe(4096);
    await ended;
  } finally {
    folder.remove();
  }
});
