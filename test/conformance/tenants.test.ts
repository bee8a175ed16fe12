import type { Database } from "lmdb";
import { type LmdbEnvironment, openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbTenants } from "../../stores/tenants/lmdb-tenants.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { scratchFolder } from "../support/scratch.js";
import { describeTenants } from "./tenants.js";

const clock = createVirtualClock();
const pass = async (ms: number): Promise<void> => clock.advance(ms);

const folder = scratchFolder();
let environment: LmdbEnvironment | undefined;
const opened = (): LmdbEnvironment => {
  environment ??= openEnvironment(folder.path);
  return environment;
};
const table = (): Database<Record<string, unknown>, [string, string]> => opened().root.openDB("tenants", {});

describeTenants({ name: "memory", pass, open: async () => createMemoryTenants(clock) });
describeTenants({
  name: "LMDB",
  pass,
  open: async () => createLmdbTenants(opened(), clock),
  another: async () => createLmdbTenants(opened(), clock),
  documentOf: async (id) => table().get(["tenant", id]),
  addFields: async (id, change) => {
    const document = structuredClone(table().get(["tenant", id]) ?? {});
    change(document);
    await opened().transaction(() => void table().put(["tenant", id], document));
  },
  dispose: async () => {
    await environment?.close();
    folder.remove();
  },
});
