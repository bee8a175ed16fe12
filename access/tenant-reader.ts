import { CarillonError } from "../schemas/errors.js";
import { endedWithin, withinDeadline } from "../stores/deadline.js";
import { createTenantReads, type TenantReadsOptions } from "./tenant-reads.js";
import type { TenantSnapshot } from "./tenant-snapshot.js";
import { tenantTimes } from "./tenant-times.js";

export interface TenantReader {
  /**
   * The tenants, at most `freshMs` old. While the store does not answer, the last known ones, up to `serveMs`. Rejects UNAVAILABLE after
   * that, and before they have been read once. `administrative`: the request changes rights or settings, so it needs fresh tenants.
   */
  current(need?: { readonly administrative?: boolean }): Promise<TenantSnapshot>;
  /** The tenants, if they are at most `freshMs` old. */
  peek(): TenantSnapshot | undefined;
  /** The last known tenants, however old; none before they have been read once. */
  latest(): TenantSnapshot;
  /** For work that was accepted: waits like a request, and then takes the last known tenants, however old. Undefined: none are known. */
  lastKnown(): Promise<TenantSnapshot | undefined>;
  /** Reads the tenants now, so that this process knows its own change at once. Rejects with the store's error. */
  refresh(): Promise<void>;
  /** Milliseconds since the tenants were known to be current; Infinity before they have been read once. */
  ageMs(): number;
  /** Number of tenants. */
  count(): number;
  /** Waits for a read in flight, but no longer than `waitMs`. */
  close(): Promise<void>;
}

const unavailable = (why: string): CarillonError =>
  new CarillonError("UNAVAILABLE", `the keys of tenants cannot be checked: ${why}`, {
    publicWords: "the key cannot be checked at the moment",
  });

/** Reads the tenants for one process or thread, again and again, and keeps them in memory. */
export const createTenantReader = (options: TenantReadsOptions): TenantReader => {
  const { clock, onTrouble } = options;
  const reads = createTenantReads(options);
  /** A read that a request has waited for in vain: requests do not wait for it again. */
  let gaveUpOn: Promise<void> | undefined;
  /** When the last wait failed. Until the next poll, requests do not wait. */
  let failedMs = Number.NEGATIVE_INFINITY;
  let closed = false;
  let cancelPoll: () => void = () => undefined;

  const isFresh = (): boolean => reads.ageMs() <= tenantTimes.freshMs;
  /** After a stop of the process the time is over at once, whether or not the read ever ends. */
  const ended = (reading: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      cancelPoll = clock.after(tenantTimes.freshMs, resolve);
      void reading.catch(onTrouble).then(resolve);
    });
  const poll = async (): Promise<void> => {
    await ended(reads.check());
    cancelPoll();
    if (!closed) cancelPoll = clock.after(tenantTimes.pollMs, () => void poll());
  };
  const waitForRead = async (): Promise<void> => {
    const reading = reads.check();
    if (reading === gaveUpOn) return;
    try {
      await withinDeadline("the store of tenants", tenantTimes.waitMs, reading, clock);
    } catch {
      gaveUpOn = reading;
    }
  };
  const becomeFresh = async (): Promise<void> => {
    // the first read may have begun before the process was stopped, and then says nothing about now
    for (let tries = 0; tries < 2 && !isFresh(); tries += 1) await waitForRead();
    if (!isFresh()) failedMs = clock.elapsed();
  };
  void poll();
  const isAway = (): boolean => clock.elapsed() - failedMs < tenantTimes.pollMs;
  return {
    peek: () => (isFresh() ? reads.snapshot() : undefined),
    latest: reads.snapshot,
    lastKnown: async () => {
      if (!closed && !isFresh() && !isAway()) await becomeFresh();
      return reads.ageMs() === Number.POSITIVE_INFINITY ? undefined : reads.snapshot();
    },
    current: async ({ administrative = false } = {}) => {
      if (closed) throw new CarillonError("CLOSED", "the reader of tenants is closed");
      if (!isFresh() && (administrative || !isAway())) await becomeFresh();
      if (administrative && !isFresh()) throw unavailable("the store does not answer, and administrative changes need current keys");
      if (reads.ageMs() === Number.POSITIVE_INFINITY) throw unavailable("they have not been read yet");
      if (reads.ageMs() > tenantTimes.serveMs) throw unavailable("the store has not answered for 15 minutes");
      return reads.snapshot();
    },
    refresh: async () => {
      // a read that began before the change may not contain it
      await reads.inFlight()?.catch(() => undefined);
      await reads.check();
    },
    ageMs: reads.ageMs,
    count: () => reads.snapshot().tenants.size,
    close: async () => {
      closed = true;
      cancelPoll();
      await endedWithin(tenantTimes.waitMs, reads.inFlight() ?? Promise.resolve());
    },
  };
};
