import { afterEach, beforeEach } from "vitest";
import { type LmdbEnvironment, openEnvironment } from "../../stores/lmdb-environment.js";
import { scratchFolder } from "./scratch.js";

/** Gives each test of a file an embedded store of its own. Returns a function that returns the current test's. */
export const scratchEnvironment = (): (() => LmdbEnvironment) => {
  let [scratch, environment]: [ReturnType<typeof scratchFolder>?, LmdbEnvironment?] = [];
  beforeEach(() => {
    scratch = scratchFolder();
    environment = openEnvironment(scratch.path);
  });
  afterEach(async () => {
    await environment?.close();
    scratch?.remove();
  });
  return () => {
    if (!environment) throw new Error("an embedded store is open only while a test runs");
    return environment;
  };
};
