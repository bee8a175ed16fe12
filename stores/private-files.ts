import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CarillonError, messageOf } from "../schemas/errors.js";

/** Only the account that runs Carillon may read messages, recipients and receipts, whatever its umask. */
export const privateFolderMode = 0o700;
export const privateFileMode = 0o600;

/** Permission bits of the group and others. */
const foreignBits = 0o077;

/** Creates the folder and its missing parents. An existing folder keeps its mode, because its owner chose it. */
export const makePrivateFolder = (path: string): void => {
  // one by one: mkdir of Node.js loops forever when the system reports an existing parent as missing, as /proc does
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    makeFolder(folder);
    // umask applies to mkdir's mode, but not to a mode that is set explicitly
    chmodSync(folder, privateFolderMode);
  }
  if (!statSync(path).isDirectory()) throw new Error(`${path} is not a folder`);
};

const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: privateFolderMode });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(path);
    if (!isThere) throw error; // another process created it meanwhile, or the path is a dangling link
  }
};

/** The same for the data folder. Throws CONFIG_INVALID, naming the folder and its key. */
export const makeDataFolder = (path: string): void => {
  try {
    makePrivateFolder(path);
  } catch (error) {
    throw new CarillonError("CONFIG_INVALID", `the data folder ${path} cannot be created: ${messageOf(error)}`, {
      cause: error,
      fix: "set dataDir or CARILLON_DATA_DIR to a folder that this account can write",
    });
  }
};

/** Removes a file's permissions for group and others. A file of another account stays unchanged; `carillon doctor` reports it. */
export const makeFilePrivate = (path: string): void => {
  if (!existsSync(path) || process.platform === "win32") return;
  try {
    chmodSync(path, privateFileMode);
  } catch (error) {
    if (!["EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
};

/** The folder and the paths in it that group or others can access, with their modes. Empty on Windows, which has no such modes. */
export const widerPaths = (folder: string): string[] => {
  if (process.platform === "win32" || !existsSync(folder)) return [];
  const within = readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ parentPath, name }) => join(parentPath, name));
  return [folder, ...within].flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & foreignBits) === 0 ? [] : [`${path} (${(mode & 0o777).toString(8).padStart(4, "0")})`];
  });
};
