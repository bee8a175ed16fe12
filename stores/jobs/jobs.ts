/** A job that runs on a schedule. */
export interface ScheduledJob {
  readonly name: string;
  /** Cron pattern in UTC, with seconds if it has six fields. */
  readonly pattern: string;
  /** `signal` aborts when this process stops: the run should then end soon. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Scheduled jobs. Each run happens once per cluster, however many processes share the jobs.
 * A failed run is reported, and the next one starts on schedule. Runs of one job never overlap.
 */
export interface Jobs {
  start(jobs: readonly ScheduledJob[]): Promise<void>;
  /** Waits for a run in flight, then stops. Idempotent. */
  close(): Promise<void>;
}

export type OnJobError = (name: string, error: unknown) => void;
