import type { Config } from "../../config/schema.js";
import type { ThreadShare } from "../../topology/thread-assignment.js";
import type { PlainError } from "./plain-error.js";

/** The data that a thread is started with. */
export interface ThreadData {
  readonly config: Config;
  /** Secrets to mask in everything that the thread stores and prints. */
  readonly secrets: readonly string[];
  readonly logLevel: string;
  readonly share: ThreadShare;
  /** From 1; the main thread is 0. */
  readonly number: number;
  /** Name of the channel for this Carillon instance's signals. */
  readonly channel: string;
  /** URL of a module that exports `threadOptions`. */
  readonly module: string | undefined;
}

/** A queue in a thread's report. */
export interface ReportedQueue {
  readonly name: string;
  readonly living: number;
  readonly trouble: PlainError | undefined;
}

/** A thread's work on a queue since its last report. */
export interface HandledRecords {
  readonly queue: string;
  readonly records: number;
  readonly inFlightMs: number;
}

/** Sent every two seconds. A thread that sends none for a long time is unresponsive. */
export interface ThreadReport {
  readonly consumed: readonly ReportedQueue[];
  readonly handled: readonly HandledRecords[];
}

/** The name of a thread in claims, lineage, logs and traces. */
export const instanceOfThread = (instance: string, { name }: Pick<ThreadShare, "name">): string => `${instance}/${name}`;
