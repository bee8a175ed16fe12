import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const rootAbove = (folder: string): string => {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("Carillon's package.json is not above its own files: install the package whole");
  return rootAbove(above);
};

/** Path of a build file, whether the source, the build or its bundle calls this. */
export const builtFile = (path: string): string => join(rootAbove(dirname(fileURLToPath(import.meta.url))), "dist", path);
