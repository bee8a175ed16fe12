import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Messages, recipients and receipts are for the account that runs Carillon alone, whatever its umask. */
export const privateFolderMode = 0o700;
export const privateFileMode = 0o600;

/** Bits by which the group or others may do anything. */
const foreignBits = 0o077;

/** Makes the folder, and those above it that are missing. A folder that exists keeps its mode: its owner chose it. */
export const makePrivateFolder = (path: string): void => {
  const made = mkdirSync(path, { recursive: true, mode: privateFolderMode });
  // umask takes bits away from the mode that mkdir is given, but a mode that is set stays
  if (made !== undefined) chmodSync(path, privateFolderMode);
};

/** Takes a file away from group and others. A file of another account stays as it is; `carillon doctor` names it. */
export const makeFilePrivate = (path: string): void => {
  if (!existsSync(path) || process.platform === "win32") return;
  try {
    chmodSync(path, privateFileMode);
  } catch (error) {
    if (!["EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
};

/** Paths in the folder, and the folder, that group or others can reach, with their modes. Windows has no such modes. */
export const widerPaths = (folder: string): string[] => {
  if (process.platform === "win32" || !existsSync(folder)) return [];
  const within = readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ parentPath, name }) => join(parentPath, name));
  return [folder, ...within].flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & foreignBits) === 0 ? [] : [`${path} (${(mode & 0o777).toString(8).padStart(4, "0")})`];
  });
};
