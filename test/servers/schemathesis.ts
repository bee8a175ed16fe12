import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, runCommand, withLock } from "./shell.js";

const requirements = fileURLToPath(new URL("schemathesis-requirements.txt", import.meta.url));
const needed = "schemathesis needs Python 3.11 or later with venv and pip. On Debian: apt-get install python3 python3-venv";

/** Installs schemathesis once into the cached folder. Resolves with the path of its command. */
export const installSchemathesis = async (): Promise<string> => {
  const folder = join(cacheFolder(), "schemathesis");
  await mkdir(folder, { recursive: true });
  const marker = join(folder, "installed");
  const wanted = await readFile(requirements, "utf8");
  await withLock(folder, async () => {
    if ((await readFile(marker, "utf8").catch(() => undefined)) === wanted) return;
    try {
      await runCommand("python3", ["-m", "venv", "--clear", join(folder, "venv")]);
      await runCommand(join(folder, "venv/bin/pip"), ["install", "-q", "-r", requirements]);
    } catch (cause) {
      throw new Error(needed, { cause });
    }
    await writeFile(marker, wanted);
  });
  return join(folder, "venv/bin/schemathesis");
};
