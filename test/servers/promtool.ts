import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aptUpdate, cacheFolder, exists, runCommand, withLock } from "./shell.js";

/** Extracts promtool from Debian's package once, into the cached folder; the server is not installed. Resolves with its path. */
export const installPromtool = async (): Promise<string> => {
  const folder = join(cacheFolder(), "prometheus");
  const tool = join(folder, "usr/bin/promtool");
  const marker = join(folder, "installed");
  await mkdir(folder, { recursive: true });
  await withLock(folder, async () => {
    if (await exists(marker)) return;
    await aptUpdate();
    await runCommand("apt-get", ["download", "prometheus"], { cwd: folder });
    const found = (await readdir(folder)).find((name) => /^prometheus_.*\.deb$/.test(name));
    if (!found) throw new Error("apt-get download left no package of Prometheus");
    await runCommand("dpkg-deb", ["--extract", found, "."], { cwd: folder });
    await writeFile(marker, "");
  });
  return tool;
};
