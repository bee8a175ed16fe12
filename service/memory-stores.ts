import { createMemoryAuditLog } from "../stores/audit/memory-audit-log.js";
import { createMemoryBuckets } from "../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../stores/cells/memory-cells.js";
import { createMemoryClaims } from "../stores/claims/memory-claims.js";
import type { Clock } from "../stores/clock.js";
import { createMemoryDirectory } from "../stores/directory/memory-directory.js";
import { createMemoryLog, type MemoryLog } from "../stores/event-log/memory-log.js";
import { createLocalJobs } from "../stores/jobs/local-jobs.js";
import { createMemoryLineage } from "../stores/lineage-store/memory-lineage.js";
import { createMemoryCache } from "../stores/message-cache/memory-cache.js";
import { createLocalRegistry, createMemoryTable } from "../stores/schema-registry/local-registry.js";
import { closable, type Stores } from "../stores/stores.js";
import { createMemorySubscriptions } from "../stores/subscriptions/memory-subscriptions.js";
import { createMemoryTenants } from "../stores/tenants/memory-tenants.js";
import { createMemoryTimers } from "../stores/timers/memory-timers.js";

/** Stores in memory, whose log a test driver reads. */
export interface MemoryStores extends Stores {
  readonly log: MemoryLog;
}

/** Everything in memory, for the test driver and for inspecting the topology without I/O. */
export const createMemoryStores = (clock: Clock): MemoryStores => {
  const lineage = createMemoryLineage();
  const stores = {
    log: createMemoryLog(clock),
    cache: createMemoryCache(clock),
    claims: createMemoryClaims(clock),
    buckets: createMemoryBuckets(clock),
    cells: createMemoryCells(clock),
    timers: createMemoryTimers(clock),
    lineage,
    reports: lineage,
    jobs: createLocalJobs(() => undefined),
    registry: createLocalRegistry(createMemoryTable()),
    directory: createMemoryDirectory(clock),
    subscriptions: createMemorySubscriptions(clock),
    tenants: createMemoryTenants(clock),
    audit: createMemoryAuditLog(),
  };
  return closable(stores, async () => undefined);
};
