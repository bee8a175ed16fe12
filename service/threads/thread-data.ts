import type { Config } from "../../config/schema.js";
import type { ThreadShare } from "../../topology/thread-assignment.js";
import type { PlainError } from "./plain-error.js";

/** What a thread is started with. */
export interface ThreadData {
  readonly config: Config;
  /** What is masked in all that the thread stores and prints. */
  readonly secrets: readonly string[];
  readonly logLevel: string;
  readonly share: ThreadShare;
  /** From 1; the main thread is 0. */
  readonly number: number;
  /** Name of the channel of this Carillon's signals. */
  readonly channel: string;
  /** URL of a module that exports `threadOptions`. */
  readonly module: string | undefined;
}

/** A queue that a thread consumes, as it reports it. */
export interface ReportedQueue {
  readonly name: string;
  readonly living: number;
  readonly trouble: PlainError | undefined;
}

/** What a thread did of a queue since its last report. */
export interface HandledRecords {
  readonly queue: string;
  readonly records: number;
  readonly inHandMs: number;
}

/** Sent every two seconds: a thread that sends none for long stands still. */
export interface ThreadReport {
  readonly consumed: readonly ReportedQueue[];
  readonly handled: readonly HandledRecords[];
}

/** The name of a thread in claims, lineage, logs and traces. */
export const instanceOfThread = (instance: string, { name }: Pick<ThreadShare, "name">): string => `${instance}/${name}`;
