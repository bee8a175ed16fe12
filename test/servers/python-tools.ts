import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, exists, runCommand, withLock } from "./shell.js";

const packages = ["confluent-kafka==2.11.1", "fastavro==1.12.0", "kubernetes-validate==1.34.0"];

/**
 * A Python with the foreign client's packages and a validator for Kubernetes manifests, installed once into the cached folder. Resolves
 * with its path.
 */
export const installPythonTools = async (): Promise<string> => {
  const folder = join(cacheFolder(), "python");
  await mkdir(folder, { recursive: true });
  const marker = join(folder, "installed-2");
  const python = join(folder, "venv/bin/python");
  await withLock(folder, async () => {
    if (await exists(marker)) return;
    await runCommand("python3", ["-m", "venv", join(folder, "venv")]);
    await runCommand(join(folder, "venv/bin/pip"), ["install", "-q", ...packages]);
    await writeFile(marker, "");
  });
  return python;
};
