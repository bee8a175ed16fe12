import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownRoot } from "./own-root.js";

let version: string | undefined;

/** The version of this Carillon, as its package.json has it. */
export const ownVersion = (): string => {
  version ??= (JSON.parse(readFileSync(join(ownRoot(), "package.json"), "utf8")) as { readonly version: string }).version;
  return version;
};

/** The header with the server's version, for authenticated callers. */
export const versionHeader = "carillon-version";
