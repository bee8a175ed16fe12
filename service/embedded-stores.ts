import type { Config } from "../config/schema.js";
import { createLmdbAuditLog } from "../stores/audit/lmdb-audit-log.js";
import type { Buckets } from "../stores/buckets/buckets.js";
import { createMemoryBuckets } from "../stores/buckets/memory-buckets.js";
import { createLmdbCells } from "../stores/cells/lmdb-cells.js";
import { createLmdbClaims } from "../stores/claims/lmdb-claims.js";
import { noteAsLeft } from "../stores/clean-mark.js";
import type { Clock } from "../stores/clock.js";
import { createLmdbDirectory } from "../stores/directory/lmdb-directory.js";
import { createLmdbLog } from "../stores/event-log/lmdb-log.js";
import { createLocalJobs } from "../stores/jobs/local-jobs.js";
import { createCalendar } from "../stores/lineage-store/calendar.js";
import { createLmdbLineage } from "../stores/lineage-store/lmdb/lmdb-lineage.js";
import { createWorkerReader } from "../stores/lineage-store/lmdb/worker-reader.js";
import { openEnvironment } from "../stores/lmdb-environment.js";
import { createLmdbCache } from "../stores/message-cache/lmdb-cache.js";
import { createLmdbTable } from "../stores/schema-registry/lmdb-table.js";
import { createLocalRegistry } from "../stores/schema-registry/local-registry.js";
import { closable, type Stores } from "../stores/stores.js";
import { createLmdbSubscriptions } from "../stores/subscriptions/lmdb-subscriptions.js";
import { createLmdbTenants } from "../stores/tenants/lmdb-tenants.js";
import type { ThreadSignals } from "../stores/thread-signals.js";
import { createLmdbTimers } from "../stores/timers/lmdb-timers.js";

/** A thread's stores' access to the other threads of the process. */
export interface StoreThreads {
  readonly signals: ThreadSignals;
  /** The first thread's buckets, for any other thread. */
  readonly buckets?: Buckets;
}

/** The embedded profile: one LMDB file in the data folder. Other processes may read and send while one process runs the topology. */
export const openEmbeddedStores = (
  { dataDir, reports, embedded }: Pick<Config, "dataDir" | "reports" | "embedded">,
  clock: Clock,
  onTrouble: (where: string, error: unknown) => void,
  threads?: StoreThreads,
): Stores => {
  const environment = openEnvironment(dataDir, embedded);
  const reader = createWorkerReader({ path: environment.path, deadlineMs: reports.deadlineMs, threads: reports.inFlight });
  const stores = {
    room: environment.room,
    log: createLmdbLog(environment, clock, { signals: threads?.signals }),
    cache: createLmdbCache(environment, clock),
    claims: createLmdbClaims(environment, clock),
    buckets: threads?.buckets ?? createMemoryBuckets(clock),
    cells: createLmdbCells(environment, clock),
    timers: createLmdbTimers(environment, clock, threads?.signals),
    lineage: createLmdbLineage(environment, createCalendar(reports.timeZone)),
    reports: reader,
    jobs: createLocalJobs((name, error) => onTrouble(`job ${name}`, error)),
    registry: createLocalRegistry(createLmdbTable(environment)),
    directory: createLmdbDirectory(environment, clock),
    subscriptions: createLmdbSubscriptions(environment, clock),
    tenants: createLmdbTenants(environment, clock),
    audit: createLmdbAuditLog(environment),
  };
  return closable(stores, async () => {
    await reader.close();
    await environment.close();
    // the first thread leaves the store last
    if (!threads?.buckets) noteAsLeft(dataDir);
  });
};
