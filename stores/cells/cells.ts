/**
 * Small values that all processes share, by group and name: cursors, provider health, disabled webhooks.
 * Durability: a value survives a restart, as durably as the underlying store. Each expires after its `ttlMs`.
 */
export interface Cells {
  set(group: string, name: string, value: string, ttlMs: number): Promise<void>;
  get(group: string, name: string): Promise<string | undefined>;
  /** Every value of a group, by name. */
  all(group: string): Promise<ReadonlyMap<string, string>>;
  remove(group: string, name: string): Promise<void>;
  close(): Promise<void>;
}
