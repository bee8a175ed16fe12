import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const rootAbove = (folder: string): string => {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("no package.json is above Carillon's own files: reinstall the package");
  return rootAbove(above);
};

/** The folder of Carillon's package, whether the source, the build or its bundle asks. */
export const ownRoot = (): string => rootAbove(dirname(fileURLToPath(import.meta.url)));
