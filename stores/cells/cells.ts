export interface CounterBounds {
  /** The number does not grow beyond this, nor shrink below 0. A greater one stays. */
  readonly most: number;
  readonly ttlMs: number;
}

/** The amount added, nearer to 0 than requested if a bound was reached, and the number afterwards. */
export interface Added {
  readonly added: number;
  readonly total: number;
}

/**
 * Small values that all processes share, by group and name: cursors, provider health, disabled webhooks.
 * Durability: a value survives a restart, as durably as the underlying store. Each expires after its `ttlMs`.
 */
export interface Cells {
  set(group: string, name: string, value: string, ttlMs: number): Promise<void>;
  get(group: string, name: string): Promise<string | undefined>;
  /** Adds to a number, which is 0 at first, in one step with respect to all other calls. An amount below 0 subtracts. */
  add(group: string, name: string, amount: number, bounds: CounterBounds): Promise<Added>;
  /** Every value of a group, by name. */
  all(group: string): Promise<ReadonlyMap<string, string>>;
  remove(group: string, name: string): Promise<void>;
  close(): Promise<void>;
}
