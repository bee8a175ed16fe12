/** A durable due time with the record to append then. */
export interface Timer {
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly dueAtMs: number;
  readonly record: {
    readonly topic: string;
    readonly key: string;
    readonly value: Buffer;
    readonly headers?: Readonly<Record<string, Buffer | string>>;
  };
}

/**
 * Timers that are never lost. One instance claims a due timer with a lease, appends its record to the log, then completes it.
 * If the claimer ends without completing it, the timer is due again when the lease ends.
 * Hints add speed and may be lost, late or repeated; `claimDue` finds every due timer without them.
 */
export interface Timers {
  /** Resolves when durable. Replaces time and record of an id that is already scheduled. */
  schedule(timers: readonly Timer[]): Promise<void>;
  cancel(ids: readonly string[]): Promise<void>;
  /** Claims the timers of `ids` that are due and unclaimed. */
  claim(ids: readonly string[], leaseMs: number): Promise<readonly Timer[]>;
  /** Claims timers that have been due for `graceMs` (default 0), or whose lease ended; about `limit` at most. */
  claimDue(limit: number, leaseMs: number, graceMs?: number): Promise<readonly Timer[]>;
  /**
   * Makes the store hint immediately at due timers, each once across all processes, about `limit` at most.
   * Resolves with the milliseconds until the next one is due, by the store's own clock; undefined when there is none.
   */
  wake(limit: number): Promise<number | undefined>;
  complete(ids: readonly string[]): Promise<void>;
  /**
   * Milliseconds until the next unclaimed timer is due, by the store's own clock, which may differ from the caller's; undefined when there
   * is none.
   */
  nextDueInMs(): Promise<number | undefined>;
  /** Calls `hint` with the ids of timers that may be due. Resolves with a function that stops it. Rejects UNAVAILABLE with the reason. */
  listen(hint: (ids: readonly string[]) => void): Promise<() => Promise<void>>;
  /** Number of scheduled timers. */
  pending(): Promise<number>;
  close(): Promise<void>;
  /** The store hints at every timer when it comes due without a call of `wake`. */
  readonly hintsByItself?: true;
}
