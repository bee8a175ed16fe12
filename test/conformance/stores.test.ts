import { createMemoryBuckets } from "../../stores/buckets/memory-buckets.js";
import { createLmdbCells } from "../../stores/cells/lmdb-cells.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { createLmdbClaims } from "../../stores/claims/lmdb-claims.js";
import { createMemoryClaims } from "../../stores/claims/memory-claims.js";
import { createLocalJobs } from "../../stores/jobs/local-jobs.js";
import { createLmdbLineage } from "../../stores/lineage-store/lmdb/lmdb-lineage.js";
import { createWorkerReader } from "../../stores/lineage-store/lmdb/worker-reader.js";
import { createMemoryLineage } from "../../stores/lineage-store/memory-lineage.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbCache } from "../../stores/message-cache/lmdb-cache.js";
import { createMemoryCache } from "../../stores/message-cache/memory-cache.js";
import { createLmdbTable } from "../../stores/schema-registry/lmdb-table.js";
import { createLocalRegistry, createMemoryTable } from "../../stores/schema-registry/local-registry.js";
import { createLmdbTimers } from "../../stores/timers/lmdb-timers.js";
import { createMemoryTimers } from "../../stores/timers/memory-timers.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { scratchFolder } from "../support/scratch.js";
import { describeBuckets } from "./buckets.js";
import { describeCells } from "./cells.js";
import { describeClaims } from "./claims.js";
import { describeJobs } from "./jobs.js";
import { describeLineageStore } from "./lineage-store.js";
import { describeMessageCache } from "./message-cache.js";
import { describeSchemaRegistry } from "./schema-registry.js";
import { describeSealedLineage } from "./sealed-lineage.js";
import { describeTimers } from "./timers.js";

const clock = createVirtualClock();
const pass = async (ms: number): Promise<void> => clock.advance(ms);

/** An LMDB environment for one suite. */
const embedded = <Port>(create: (environment: ReturnType<typeof openEnvironment>) => Port) => {
  let end: () => Promise<void> = async () => undefined;
  return {
    open: async (): Promise<Port> => {
      const folder = scratchFolder();
      const environment = openEnvironment(folder.path);
      end = async () => {
        await environment.close();
        folder.remove();
      };
      return create(environment);
    },
    dispose: () => end(),
  };
};

describeJobs({ name: "croner", shared: false, open: (_cluster, onError) => createLocalJobs(onError) });
describeClaims({ name: "memory", pass, open: async () => createMemoryClaims(clock) });
describeClaims({ name: "LMDB", pass, ...embedded((environment) => createLmdbClaims(environment, clock)) });
describeBuckets({ name: "memory", pass, open: async () => createMemoryBuckets(clock) });
describeCells({ name: "memory", pass, open: async () => createMemoryCells(clock) });
describeCells({ name: "LMDB", pass, ...embedded((environment) => createLmdbCells(environment, clock)) });
describeMessageCache({ name: "memory", pass, open: async () => createMemoryCache(clock) });
describeMessageCache({ name: "LMDB", pass, ...embedded((environment) => createLmdbCache(environment, clock)) });
describeTimers({ name: "memory", pass, now: clock.now, hints: false, open: async () => createMemoryTimers(clock) });
describeTimers({
  name: "LMDB",
  pass,
  now: clock.now,
  hints: true,
  ...embedded((environment) => createLmdbTimers(environment, clock)),
});
describeLineageStore({ name: "memory", pass, open: async () => createMemoryLineage() });
describeLineageStore({ name: "LMDB and mingo", pass, ...embedded((environment) => createLmdbLineage(environment)) });
describeLineageStore({
  name: "LMDB, asked by a thread of its own",
  pass,
  ...embedded((environment) => {
    const reader = createWorkerReader({ path: environment.path, deadlineMs: 10_000, threads: 2 });
    return { ...createLmdbLineage(environment), ...reader };
  }),
});
describeSealedLineage({ name: "memory", pass, open: async () => createMemoryLineage() });
describeSealedLineage({ name: "LMDB and mingo", pass, ...embedded((environment) => createLmdbLineage(environment)) });
describeSchemaRegistry({ name: "memory", pass, open: async () => createLocalRegistry(createMemoryTable()) });
describeSchemaRegistry({ name: "LMDB", pass, ...embedded((environment) => createLocalRegistry(createLmdbTable(environment))) });
