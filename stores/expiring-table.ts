import type { Database } from "lmdb";
import type { Clock } from "./clock.js";
import type { LmdbEnvironment } from "./lmdb-environment.js";
import { createSweeper } from "./sweeper.js";

interface Entry<T> {
  readonly value: T;
  readonly forgetAtMs: number;
}

/** The answer of an update, plus the value to keep and for how long, if anything changes. */
interface Change<T, R> {
  readonly answer: R;
  readonly keep?: T;
  readonly ttlMs?: number;
}

/** A table in LMDB whose entries expire. */
export interface ExpiringTable<T> {
  get(key: string): T | undefined;
  /** Resolves once the entries are on disk. */
  putAll(entries: readonly { readonly key: string; readonly value: T; readonly ttlMs: number }[]): Promise<unknown>;
  /** Reads and writes atomically. `change` returns the value to keep, or undefined to leave the entry unchanged. */
  update<R>(key: string, change: (value: T | undefined) => Change<T, R>): Promise<R>;
  /** The same for several keys, one after another in one transaction. Answers are in the order of the requests. */
  updateAll<Request extends { readonly key: string }, R>(
    requests: readonly Request[],
    change: (request: Request, value: T | undefined) => Change<T, R>,
  ): Promise<readonly R[]>;
  remove(key: string): Promise<unknown>;
  close(): void;
}

/** Entries that one transaction removes at most: others wait for it. */
const bite = 1_000;

export const createExpiringTable = <T>(
  environment: LmdbEnvironment,
  name: string,
  clock: Pick<Clock, "now">,
  sweepEveryMs = 30_000,
): ExpiringTable<T> => {
  const { root } = environment;
  const entries: Database<Entry<T>, string> = root.openDB(name, {});
  const byTime: Database<boolean, [forgetAtMs: number, key: string]> = root.openDB(`${name}-expiry`, {});
  const alive = (key: string): T | undefined => {
    const entry = entries.get(key);
    return entry && entry.forgetAtMs > clock.now() ? entry.value : undefined;
  };
  const write = (key: string, value: T, ttlMs: number): void => {
    const forgetAtMs = clock.now() + ttlMs;
    void entries.put(key, { value, forgetAtMs });
    void byTime.put([forgetAtMs, key], true);
  };
  const applied = <R>(key: string, { answer, keep, ttlMs }: Change<T, R>): R => {
    if (keep !== undefined) write(key, keep, ttlMs ?? 0);
    return answer;
  };
  const sweep = async (): Promise<boolean> => {
    const due = [...byTime.getKeys({ start: [0, ""], end: [clock.now(), ""], limit: bite })];
    if (due.length === 0) return false;
    await environment.transaction(() => {
      for (const [forgetAtMs, key] of due) {
        // a later write gave the entry a new expiry time
        if (entries.get(key)?.forgetAtMs === forgetAtMs) void entries.remove(key);
        void byTime.remove([forgetAtMs, key]);
      }
    });
    return due.length === bite;
  };
  // reads skip expired entries that are not removed yet
  const close = createSweeper(sweep, sweepEveryMs);
  return {
    get: alive,
    putAll: (all) =>
      environment.transaction(() => {
        for (const { key, value, ttlMs } of all) write(key, value, ttlMs);
      }),
    update: (key, change) => environment.transaction(() => applied(key, change(alive(key)))),
    updateAll: (requests, change) =>
      environment.transaction(() => requests.map((request) => applied(request.key, change(request, alive(request.key))))),
    remove: (key) => environment.transaction(() => void entries.remove(key)),
    close,
  };
};
