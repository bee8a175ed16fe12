import { existsSync } from "node:fs";
import type { Config } from "../../config/schema.js";
import { counted, sizeOf } from "../../schemas/counted.js";
import { CarillonError } from "../../schemas/errors.js";
import { isUsedByAnother } from "../../stores/clean-mark.js";
import { createDiskRoom } from "../../stores/disk-room.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { checkStoreFile, storePath } from "../../stores/lmdb-file.js";
import { type StoreWalk, walkStore } from "../../stores/lmdb-walk.js";
import { widerPaths } from "../../stores/private-files.js";
import type { Diagnosis } from "./diagnosis.js";

/** Walks a store while another process writes to it. A read transaction preserves the pages. */
const walkUsed = async (folder: string): Promise<StoreWalk> => {
  const environment = openEnvironment(folder);
  // biome-ignore lint/correctness/useHookAtTopLevel: no hook of React
  const reading = environment.root.useReadTransaction();
  try {
    return await walkStore(environment.path);
  } finally {
    reading.done();
    await environment.close();
  }
};

const lookAtStore = async ({ dataDir }: Pick<Config, "dataDir">): Promise<Diagnosis> => {
  try {
    checkStoreFile(dataDir);
    if (!existsSync(storePath(dataDir))) return { what: "store", ok: true, found: "not created yet" };
    const { usedPages, pageBytes } = await (isUsedByAnother(dataDir) ? walkUsed(dataDir) : walkStore(storePath(dataDir)));
    return { what: "store", ok: true, found: `${counted(usedPages, "page")} (${sizeOf(usedPages * pageBytes)}) intact` };
  } catch (error) {
    if (error instanceof CarillonError) return { what: "store", ok: false, found: error.message, fix: error.fix };
    throw error;
  }
};

const lookAtDisk = async ({ dataDir, embedded }: Pick<Config, "dataDir" | "embedded">): Promise<Diagnosis> => {
  const room = createDiskRoom({ folder: dataDir, reserveBytes: embedded.reserveBytes });
  const { condition, freeBytes, reserveBytes, failure } = room.state();
  room.close();
  const found = `${sizeOf(freeBytes)} free, ${sizeOf(reserveBytes)} reserved${failure === undefined ? "" : `: ${failure}`}`;
  return condition === "ok"
    ? { what: "disk", ok: true, found }
    : {
        what: "disk",
        ok: false,
        found: `disk full: ${dataDir} has ${found}`,
        fix: "free space on its file system; Carillon then resumes automatically",
      };
};

const mostNamed = 5;

/** Only a warning: wider modes may be intentional. */
const lookAtModes = async ({ dataDir }: Pick<Config, "dataDir">): Promise<Diagnosis> => {
  const wider = widerPaths(dataDir);
  if (wider.length === 0) return { what: "permissions", ok: true, found: "only this account can access the data folder" };
  const more = wider.length > mostNamed ? ` and ${wider.length - mostNamed} more` : "";
  return {
    what: "permissions",
    ok: true,
    found: `warning: group or others can access ${wider.slice(0, mostNamed).join(", ")}${more}`,
    fix: `chmod -R go= ${dataDir}`,
  };
};

/** Checks the data folder of the embedded profile: the store's pages, the disk, the permissions. */
export const lookAtFolder = (config: Pick<Config, "dataDir" | "embedded">): Promise<Diagnosis>[] => [
  lookAtStore(config),
  lookAtDisk(config),
  lookAtModes(config),
];
