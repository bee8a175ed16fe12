import { join } from "node:path";
import { ownRoot } from "./own-root.js";

/** Path of a build file, whether the source, the build or its bundle calls this. */
export const builtFile = (path: string): string => join(ownRoot(), "dist", path);
