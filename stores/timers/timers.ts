/** A durable due time and the record to append then. */
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
 * Timers that lose nothing: a due one is claimed with a lease by one instance, appended to the log, then completed;
 * one whose claimer ended without completing it is due again when the lease ends.
 * Hints give speed and may be lost, late or repeated; `claimDue` finds every due timer without them.
 */
export interface Timers {
  /** Durable when it resolves. An id that is scheduled already gets the new time and record. */
  schedule(timers: readonly Timer[]): Promise<void>;
  cancel(ids: readonly string[]): Promise<void>;
  /** Claims those of `ids` that are due and not claimed. */
  claim(ids: readonly string[], leaseMs: number): Promise<readonly Timer[]>;
  /** Claims what has been due for `graceMs` (0), or was claimed by somebody whose lease ended, at most about `limit`. */
  claimDue(limit: number, leaseMs: number, graceMs?: number): Promise<readonly Timer[]>;
  /**
   * Has the store hint at once at what has come due, each timer once however many processes ask, at most about `limit`.
   * Resolves with how long until the next one comes due, in milliseconds by the store's own clock; undefined when none waits.
   */
  wake(limit: number): Promise<number | undefined>;
  complete(ids: readonly string[]): Promise<void>;
  /** How long until the next unclaimed timer comes due, in milliseconds by the store's own clock, which may not be the caller's; undefined when none waits. */
  nextDueInMs(): Promise<number | undefined>;
  /** Calls `hint` with the ids of timers that may be due. Resolves with how to stop; rejects UNAVAILABLE with the reason. */
  listen(hint: (ids: readonly string[]) => void): Promise<() => Promise<void>>;
  /** How many wait. */
  pending(): Promise<number>;
  close(): Promise<void>;
}
