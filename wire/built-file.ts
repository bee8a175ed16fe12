import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const rootAbove = (folder: string): string => {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("no package.json is above Carillon's own files: reinstall the package");
  return rootAbove(above);
};

/** Path of a build file, whether the source, the build or its bundle calls this. */
export const builtFile = (path: string): string => join(rootAbove(dirname(fileURLToPath(import.meta.url))), "dist", path);
