import { join } from "node:path";
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
