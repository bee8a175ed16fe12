import type { RedisConnection } from "../redis/connection.js";
import { type ExpiryEvents, listenForExpiries } from "../redis/expiry-events.js";
import { createTimerScripts } from "./redis-timer-scripts.js";
import { decodeTimerRecord, encodeTimerRecord } from "./timer-payload.js";
import { createTimerShards, shards } from "./timer-shards.js";
import type { Timer, Timers } from "./timers.js";

const timersOf = (answer: unknown): Timer[] => {
  const flat = answer as Buffer[];
  const timers: Timer[] = [];
  for (let index = 0; index + 2 < flat.length; index += 3) {
    const [id, due, record] = [flat[index], flat[index + 1], flat[index + 2]];
    if (id && due && record) timers.push({ id: id.toString(), dueAtMs: Number(due.toString()), record: decodeTimerRecord(record) });
  }
  return timers;
};

/** The shortest of the scripts' answers; undefined when no shard has one. */
const leastOf = (answers: readonly unknown[]): number | undefined => {
  const waits = answers.flatMap((wait) => (wait === null ? [] : [Number(wait)]));
  return waits.length === 0 ? undefined : Math.min(...waits);
};

/**
 * Timers in Redis. A timer is an entry in a sorted set by due time, plus a key that expires then. The key's expiry event triggers the
 * timer; the sorted set guarantees it. Redis emits the event when a client reads the expired key, or when sampling finds it, which can take
 * long. So a second sorted set lists the keys that still have to be read.
 */
export const createRedisTimers = (redis: RedisConnection): Timers => {
  const scripts = createTimerScripts(redis);
  const { perShard, onAllShards, scheduled, idOf } = createTimerShards(redis.prefix);
  const listening: ExpiryEvents[] = [];

  return {
    schedule: async (timers) => {
      const byId = new Map(timers.map((timer) => [timer.id, timer]));
      await perShard(scripts.schedule, [...byId.keys()], (id) => {
        const timer = byId.get(id);
        return timer ? [id, timer.dueAtMs, encodeTimerRecord(timer.record)] : [];
      });
    },
    cancel: async (ids) => {
      await perShard(scripts.cancel, ids, (id) => [id]);
    },
    claim: async (ids, leaseMs) => (await perShard(scripts.claim, ids, (id) => [id], [leaseMs])).flatMap(timersOf),
    claimDue: async (limit, leaseMs, graceMs = 0) => {
      const each = Math.max(1, Math.ceil(limit / shards));
      return (await onAllShards(scripts.claimDue, [leaseMs, each, graceMs])).flatMap(timersOf);
    },
    wake: async (limit) => leastOf(await onAllShards(scripts.wake, [Math.max(1, Math.ceil(limit / shards))])),
    complete: async (ids) => {
      await perShard(scripts.complete, ids, (id) => [id]);
    },
    listen: async (hint) => {
      const events = await listenForExpiries(redis, (key) => {
        const id = idOf(key);
        if (id) hint([id]);
      });
      listening.push(events);
      return async () => events.stop();
    },
    nextDueInMs: async () => leastOf(await onAllShards(scripts.nextDue, [])),
    pending: () =>
      redis.ask(async () => {
        const counts = await Promise.all(scheduled.map((key) => redis.client.zcard(key)));
        return counts.reduce((sum, count) => sum + count, 0);
      }),
    close: async () => {
      for (const events of listening) events.stop();
    },
  };
};
