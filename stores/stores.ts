import type { SchemaRegistry } from "../schemas/codec.js";
import type { AuditLog } from "./audit/audit-log.js";
import type { Buckets } from "./buckets/buckets.js";
import type { Cells } from "./cells/cells.js";
import type { Claims } from "./claims/claims.js";
import type { Directory } from "./directory/directory.js";
import type { DiskRoom } from "./disk-room.js";
import type { EventLog } from "./event-log/event-log.js";
import type { Jobs } from "./jobs/jobs.js";
import type { LineageReader, LineageStore } from "./lineage-store/lineage-store.js";
import type { MessageCache } from "./message-cache/message-cache.js";
import type { KeyRing } from "./sealed/key-ring.js";
import type { ServerSettings } from "./server-settings.js";
import type { Subscriptions } from "./subscriptions/subscriptions.js";
import type { Tenants } from "./tenants/tenants.js";
import type { Timers } from "./timers/timers.js";

/** One adapter for each port. */
export interface Stores {
  readonly log: EventLog;
  readonly cache: MessageCache;
  readonly claims: Claims;
  readonly buckets: Buckets;
  readonly cells: Cells;
  readonly timers: Timers;
  readonly lineage: LineageStore;
  /** Analyst queries, separate from delivery. */
  readonly reports: LineageReader;
  readonly registry: SchemaRegistry;
  readonly jobs: Jobs;
  /** Users of tenants. */
  readonly directory: Directory;
  /** Groups of users. */
  readonly subscriptions: Subscriptions;
  /** Tenants with their keys and settings. */
  readonly tenants: Tenants;
  /** Administrative changes. */
  readonly audit: AuditLog;
  /** Settings of the server for claims and timers, if there is one. */
  readonly settings?: ServerSettings;
  /** Disk space of the stores, if they are on this machine. */
  readonly room?: DiskRoom;
  /** Encrypts recipients and contents, if keys are configured. */
  readonly keys?: KeyRing;
  /** Closes all stores. Idempotent. */
  close(): Promise<void>;
}

const closeAll = async (stores: Omit<Stores, "close">): Promise<void> => {
  // the log first: records in flight still need the other stores
  await Promise.all([stores.log.close(), stores.jobs.close()]);
  await Promise.all([
    stores.timers.close(),
    stores.claims.close(),
    stores.buckets.close(),
    stores.cells.close(),
    stores.cache.close(),
    stores.lineage.close(),
    stores.registry.close(),
    stores.directory.close(),
    stores.subscriptions.close(),
    stores.tenants.close(),
    stores.audit.close(),
  ]);
};

/** Adds one method that closes all stores and then their shared connections. */
export const closable = <Some extends Omit<Stores, "close">>(
  stores: Some,
  closeBelow: () => Promise<void>,
): Some & Pick<Stores, "close"> => {
  let closing: Promise<void> | undefined;
  return {
    ...stores,
    close: () => {
      closing ??= closeAll(stores).then(closeBelow);
      return closing;
    },
  };
};
