import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CarillonError } from "../schemas/errors.js";

const refuse = (problem: string, fix: string): never => {
  throw new CarillonError("INPUT_INVALID", problem, { field: "--out", fix });
};

const toPipe = "give a file name; to pipe the export, download GET /reports/<collection>/_export";

/** A finished export is renamed into place, which would replace a device or a pipe with a file. */
const assertFile = (out: string, found: Stats): void => {
  if (found.isDirectory()) refuse(`${out} is a folder`, "give the name of a file in it");
  if (!found.isFile()) refuse(`${out} is a device, a pipe or a socket`, toPipe);
};

/**
 * The target file of an export: `out` itself, or the file that this link leads to.
 * Throws CONFIG_INVALID before anything is read if no file can be written there.
 */
export const exportPathOf = (out: string): string => {
  if (out === "-") refuse("is the name of standard output, and an export needs a file", toPipe);
  const folder = dirname(resolve(out));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    refuse(`the folder ${folder} does not exist`, "create it, or give a file in another folder");
  const found = statSync(out, { throwIfNoEntry: false });
  if (found) assertFile(out, found);
  else if (lstatSync(out, { throwIfNoEntry: false })) refuse(`${out} is a broken symbolic link`, "remove it, or give another file");
  return found ? realpathSync(out) : out;
};
