/**
 * Small values that all processes share, by group and name: cursors, how a provider fares, whether a webhook is switched off.
 * Durability: what was set is there after a restart, as durable as the store below. Each is kept for its `ttlMs`.
 */
export interface Cells {
  set(group: string, name: string, value: string, ttlMs: number): Promise<void>;
  get(group: string, name: string): Promise<string | undefined>;
  /** Every value of a group, by name. */
  all(group: string): Promise<ReadonlyMap<string, string>>;
  remove(group: string, name: string): Promise<void>;
  close(): Promise<void>;
}
