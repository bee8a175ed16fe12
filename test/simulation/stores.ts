import { type Claims, claimsByOne } from "../../stores/claims/claims.js";
import type { Jobs, ScheduledJob } from "../../stores/jobs/jobs.js";
import type { LineageStore } from "../../stores/lineage-store/lineage-store.js";
import { cacheByOne, type MessageCache } from "../../stores/message-cache/message-cache.js";
import type { Timer, Timers } from "../../stores/timers/timers.js";
import type { SimProcess } from "./process.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** Claims through a process's network. */
export const claimsOf = (claims: Claims, process: SimProcess): Claims =>
  claimsByOne({
    claim: (key, owner, leaseMs, ttlMs, nonce) =>
      process.call("claims", `claim ${key}`, "write", () => claims.claim(key, owner, leaseMs, ttlMs, nonce)),
    complete: (key, outcome, ttlMs) => process.call("claims", `complete ${key}`, "write", () => claims.complete(key, outcome, ttlMs)),
    decide: (key, value, ttlMs) => process.call("claims", `decide ${key} as ${value}`, "write", () => claims.decide(key, value, ttlMs)),
    recorded: (key) => process.call("claims", `recorded ${key}`, "read", () => claims.recorded(key)),
    decided: (key) => process.call("claims", `decided ${key}`, "read", () => claims.decided(key)),
    close: async () => undefined,
  });

/** The message cache through a process's network. */
export const cacheOf = (cache: MessageCache, process: SimProcess): MessageCache =>
  cacheByOne({
    put: (messageId, value, ttlMs) => process.call("cache", `put ${messageId}`, "write", () => cache.put(messageId, value, ttlMs)),
    get: (messageId) => process.call("cache", `get ${messageId}`, "read", () => cache.get(messageId)),
    link: (provider, providerMessageId, reference, ttlMs) =>
      process.call("cache", `link ${providerMessageId}`, "write", () => cache.link(provider, providerMessageId, reference, ttlMs)),
    resolve: (provider, providerMessageId) =>
      process.call("cache", `resolve ${providerMessageId}`, "read", () => cache.resolve(provider, providerMessageId)),
    close: async () => undefined,
  });

/** Expiry events: delivered to all listeners once, late, or not at all. */
export class ExpiryEvents {
  private readonly listeners = new Map<SimProcess, (ids: readonly string[]) => void>();

  constructor(
    private readonly world: World,
    private readonly random: Random,
    private readonly losesHint: number,
  ) {}

  scheduled(timers: readonly Timer[]): void {
    for (const { id, dueAtMs } of timers) {
      if (this.random.chance(this.losesHint)) continue;
      const late = this.random.chance(0.2) ? this.random.between(0, 5_000) : this.random.between(0, 5);
      this.world.after(dueAtMs - this.world.now() + late, () => {
        for (const [process, hint] of this.listeners) {
          if (!process.paused) process.deliver(() => hint([id])); // a suspended process receives nothing
        }
      });
    }
  }

  listen(process: SimProcess, hint: (ids: readonly string[]) => void): void {
    this.listeners.set(process, hint);
  }

  leave(process: SimProcess): void {
    this.listeners.delete(process);
  }
}

/** Timers through a process's network. */
export const timersOf = (timers: Timers, process: SimProcess, events: ExpiryEvents): Timers => {
  const ids = (list: readonly string[]): string => (list.length > 3 ? `${list.length}` : list.join(" "));
  return {
    schedule: (list) =>
      process.call("timers", `schedule ${ids(list.map(({ id }) => id))}`, "write", async () => {
        await timers.schedule(list);
        events.scheduled(list);
      }),
    cancel: (list) => process.call("timers", `cancel ${ids(list)}`, "write", () => timers.cancel(list)),
    claim: (list, leaseMs) => process.call("timers", `claim ${ids(list)}`, "write", () => timers.claim(list, leaseMs)),
    claimDue: (limit, leaseMs, graceMs) => process.call("timers", "claim due", "write", () => timers.claimDue(limit, leaseMs, graceMs)),
    wake: (limit) => process.call("timers", "wake", "read", () => timers.wake(limit)),
    complete: (list) => process.call("timers", `complete ${ids(list)}`, "write", () => timers.complete(list)),
    nextDueInMs: () => process.call("timers", "next due", "read", () => timers.nextDueInMs()),
    listen: async (hint) => {
      events.listen(process, hint);
      return async () => events.leave(process);
    },
    pending: () => timers.pending(),
    close: async () => undefined,
  };
};

/** Lineage through a process's network. A write whose answer is lost may have taken effect in part. */
export const lineageOf = (lineage: LineageStore, process: SimProcess): LineageStore => ({
  ...lineage,
  append: (events) =>
    process.call("lineage", `append ${events.length}`, "write", {
      whole: () => lineage.append(events),
      partly: (random) => lineage.append(events.slice(0, random.between(0, events.length))),
    }),
  query: (collection, filter, options) =>
    process.call("lineage", `query ${collection}`, "read", () => lineage.query(collection, filter, options)),
  close: async () => undefined,
});

const jobEveryMs = 3_600_000;

/** Hourly jobs. Each process runs them, which is more often than promised. */
export const jobsOf = (process: SimProcess): Jobs => {
  const stop = new AbortController();
  const run = async (job: ScheduledJob): Promise<void> => {
    while (!stop.signal.aborted) {
      await process.clock.sleep(jobEveryMs, stop.signal);
      if (!stop.signal.aborted) await job.run(stop.signal).catch(() => undefined);
    }
  };
  return {
    start: async (jobs) => {
      for (const job of jobs) void run(job);
    },
    close: async () => stop.abort(),
  };
};
