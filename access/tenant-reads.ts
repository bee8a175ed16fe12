import type { Clock } from "../stores/clock.js";
import { withinDeadline } from "../stores/deadline.js";
import type { Tenants } from "../stores/tenants/tenants.js";
import { loadTenants } from "./load-tenants.js";
import { snapshotOf, type TenantSnapshot } from "./tenant-snapshot.js";
import { tenantTimes } from "./tenant-times.js";

export interface TenantReadsOptions {
  readonly tenants: Pick<Tenants, "get" | "revisions" | "version">;
  readonly clock: Pick<Clock, "now" | "elapsed" | "after">;
  /** Called with each failed read, and with each damaged tenant. */
  readonly onTrouble: (error: unknown) => void;
}

/** Reads of the tenants, one at a time, and their result. */
export interface TenantReads {
  /** Reads what changed. Joins a read in flight, unless that one makes no progress: then a new read replaces it. */
  check(): Promise<void>;
  inFlight(): Promise<void> | undefined;
  snapshot(): TenantSnapshot;
  /** Time since the last successful read began; Infinity before. */
  ageMs(): number;
}

/** A moment on both clocks: while a machine is suspended, `elapsed` may stand still, and an operator can set back `now`. */
interface Moment {
  readonly elapsedMs: number;
  readonly nowMs: number;
}

interface Read {
  readonly began: Moment;
  /** When its last step began, by `elapsed`. */
  steppedMs: number;
  ended?: Promise<void>;
}

export const createTenantReads = ({ tenants, clock, onTrouble }: TenantReadsOptions): TenantReads => {
  let snapshot = snapshotOf(new Map());
  let [version, comparedMs] = [Number.NaN, Number.NEGATIVE_INFINITY];
  let checked: Moment | undefined;
  let current: Read | undefined;
  const load = async (own: Read): Promise<void> => {
    const latest = await withinDeadline("the store of tenants", tenantTimes.versionMs, tenants.version(), clock);
    if (own !== current) return;
    if (latest !== version || own.began.elapsedMs - comparedMs >= tenantTimes.compareMs) {
      const onStep = (): void => {
        own.steppedMs = clock.elapsed();
      };
      const loaded = await loadTenants(tenants, snapshot.tenants, { onStep, onDamaged: onTrouble });
      if (own !== current) return;
      if (loaded !== snapshot.tenants) snapshot = snapshotOf(loaded);
      [version, comparedMs] = [latest, own.began.elapsedMs];
    }
    // an answer is as old as the beginning of its read: the process may have been stopped meanwhile
    checked = own.began;
  };
  const begin = (): Promise<void> => {
    const elapsedMs = clock.elapsed();
    const own: Read = { began: { elapsedMs, nowMs: clock.now() }, steppedMs: elapsedMs };
    current = own;
    own.ended = load(own).finally(() => {
      if (current === own) current = undefined;
    });
    return own.ended;
  };
  return {
    check: () => {
      // one that a stop of the process interrupted may never end
      const isAlive = current !== undefined && clock.elapsed() - current.steppedMs <= tenantTimes.freshMs;
      return (isAlive && current?.ended) || begin();
    },
    inFlight: () => current?.ended,
    snapshot: () => snapshot,
    ageMs: () => (checked ? Math.max(clock.elapsed() - checked.elapsedMs, clock.now() - checked.nowMs) : Number.POSITIVE_INFINITY),
  };
};
