import type { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { Guarantee, LogRecord } from "../../stores/event-log/event-log.js";
import type { Timers } from "../../stores/timers/timers.js";
import type { Effects } from "./effects.js";
import type { BatchHandler } from "./record-handler.js";
import type { Refusals } from "./refusals.js";

export interface BatchOptions {
  readonly guarantee: Guarantee;
  /** Most records of the batch in flight at once. */
  readonly concurrency: number;
  /** How many of these may be in flight now; default: all. */
  readonly limit?: (concurrency: number) => number;
  /** How long records in flight may take to end once the partition is revoked. */
  readonly drainMs: number;
  /** Minimum interval between offset commits during a batch. */
  readonly commitEveryMs: number;
}

export interface BatchDependencies {
  readonly handle: BatchHandler;
  readonly timers: Pick<Timers, "schedule" | "cancel">;
  readonly clock: Clock;
  /** The effects of a record whose outputs the log has refused permanently. */
  readonly bury?: (record: LogRecord, error: CarillonError) => Promise<Effects>;
  /** Kept across batches. */
  readonly refusals?: Refusals;
}
