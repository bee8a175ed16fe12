import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CarillonError } from "../schemas/errors.js";

const refuse = (problem: string, fix: string): never => {
  throw new CarillonError("INPUT_INVALID", problem, { field: "--out", fix });
};

const toPipe = "name a file; for a pipe, download GET /reports/<collection>/_export";

/** A finished export is renamed into place, which would replace a device or a pipe with a file. */
const assertFile = (out: string, found: Stats): void => {
  if (found.isDirectory()) refuse(`${out} is a folder`, "name a file in it");
  if (!found.isFile()) refuse(`${out} is a device, a pipe or a socket`, toPipe);
};

/**
 * The target file of an export: `out` itself, or the file that this link leads to.
 * Throws CONFIG_INVALID before anything is read if no file can be written there.
 */
export const exportPathOf = (out: string): string => {
  const folder = dirname(resolve(out));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    refuse(`there is no folder ${folder}`, "create it, or name a file in another one");
  const found = statSync(out, { throwIfNoEntry: false });
  if (found) assertFile(out, found);
  else if (lstatSync(out, { throwIfNoEntry: false })) refuse(`${out} is a link to nothing`, "remove it, or name another file");
  return found ? realpathSync(out) : out;
};
