/** Work that is done by the clock. */
export interface ScheduledJob {
  readonly name: string;
  /** Cron pattern, with seconds if it has six fields; UTC. */
  readonly pattern: string;
  /** Aborted when this process stops: end soon. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Jobs by the clock, each run once per cluster however many processes share them.
 * A run that fails is told and the next one comes at its time; runs of one job never overlap.
 */
export interface Jobs {
  start(jobs: readonly ScheduledJob[]): Promise<void>;
  /** Lets a run in hand end, then stops. Idempotent. */
  close(): Promise<void>;
}

export type OnJobError = (name: string, error: unknown) => void;
