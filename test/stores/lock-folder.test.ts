import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lockFolder } from "../../stores/lmdb-environment.js";
import { scratchFolder } from "../support/scratch.js";

it("keeps a second process from running on a folder, and takes over from one that was killed", async () => {
  const folder = scratchFolder();
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(join(folder.path, "running.pid"), String(other.pid));
  expect(() => lockFolder(folder.path)).toThrow(
    expect.objectContaining({ code: "DATA_DIR_LOCKED", message: expect.stringContaining(`process ${other.pid} already runs`) }),
  );
  other.kill("SIGKILL");
  await once(other, "exit");
  const unlock = lockFolder(folder.path);
  unlock();
  lockFolder(folder.path)();
  folder.remove();
});
