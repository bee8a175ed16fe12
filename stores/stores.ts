import type { SchemaRegistry } from "../schemas/codec.js";
import type { Buckets } from "./buckets/buckets.js";
import type { Cells } from "./cells/cells.js";
import type { Claims } from "./claims/claims.js";
import type { DiskRoom } from "./disk-room.js";
import type { EventLog } from "./event-log/event-log.js";
import type { Jobs } from "./jobs/jobs.js";
import type { LineageReader, LineageStore } from "./lineage-store/lineage-store.js";
import type { MessageCache } from "./message-cache/message-cache.js";
import type { ServerSettings } from "./redis/server-settings.js";
import type { KeyRing } from "./sealed/key-ring.js";
import type { Timers } from "./timers/timers.js";

/** One adapter of each port. */
export interface Stores {
  readonly log: EventLog;
  readonly cache: MessageCache;
  readonly claims: Claims;
  readonly buckets: Buckets;
  readonly cells: Cells;
  readonly timers: Timers;
  readonly lineage: LineageStore;
  /** What analysts ask, beside delivery. */
  readonly reports: LineageReader;
  readonly registry: SchemaRegistry;
  readonly jobs: Jobs;
  /** Settings of the server of claims and timers, where it has any. */
  readonly settings?: ServerSettings;
  /** The room where the stores lie, if that is on this machine. */
  readonly room?: DiskRoom;
  /** What recipients and contents are encrypted with, where keys are configured. */
  readonly keys?: KeyRing;
  /** Closes all of them. Idempotent. */
  close(): Promise<void>;
}

const closeAll = async (stores: Omit<Stores, "close">): Promise<void> => {
  // the log first: what is in hand still needs the others
  await Promise.all([stores.log.close(), stores.jobs.close()]);
  await Promise.all([
    stores.timers.close(),
    stores.claims.close(),
    stores.buckets.close(),
    stores.cells.close(),
    stores.cache.close(),
    stores.lineage.close(),
    stores.registry.close(),
  ]);
};

/** The stores with one way to close them all, and then what they stand on. */
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
