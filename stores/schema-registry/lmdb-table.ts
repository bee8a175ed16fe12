import type { Database } from "lmdb";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { SchemaTable } from "./local-registry.js";

/** The local registry's ids, in the embedded store. */
export const createLmdbTable = (environment: LmdbEnvironment): SchemaTable => {
  const schemas: Database<string, [id: number, subject: string]> = environment.root.openDB("schemas", {});
  return {
    load: () => [...schemas.getRange({})].map(({ key: [id, subject], value: schema }) => ({ id, subject, schema })),
    save: async ({ id, subject, schema }) => {
      await environment.transaction(() => void schemas.put([id, subject], schema));
    },
  };
};
