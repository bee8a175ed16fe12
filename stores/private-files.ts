import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";

/** Messages, recipients and receipts are for the account that runs Carillon alone, whatever its umask. */
export const privateFolderMode = 0o700;
export const privateFileMode = 0o600;

/** Bits by which the group or others may do anything. */
const foreignBits = 0o077;

/** Makes the folder, and those above it that are missing. A folder that exists keeps its mode: its owner chose it. */
export const makePrivateFolder = (path: string): void => {
  // one by one: mkdir of Node.js goes round for ever where a system states that a parent is missing which is there, as /proc does
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    makeFolder(folder);
    // umask takes bits away from the mode that mkdir is given, but a mode that is set stays
    chmodSync(folder, privateFolderMode);
  }
  if (!statSync(path).isDirectory()) throw new Error(`${path} is not a folder`);
};

const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: privateFolderMode });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(path);
    if (!isThere) throw error; // another process made it meanwhile, or a link leads nowhere
  }
};

/** The same for the data folder. Throws CONFIG_INVALID, naming it and its key. */
export const makeDataFolder = (path: string): void => {
  try {
    makePrivateFolder(path);
  } catch (error) {
    throw new CarillonError("CONFIG_INVALID", `the data folder ${path} cannot be made: ${messageOf(error)}`, {
      cause: error,
      fix: "give a folder that this account can write in dataDir or CARILLON_DATA_DIR",
    });
  }
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
