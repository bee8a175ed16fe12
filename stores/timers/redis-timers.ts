import type { RedisConnection } from "../redis/connection.js";
import { type ExpiryEvents, listenForExpiries } from "../redis/expiry-events.js";
import { createScript, luaNow, type Script, type ScriptArgument } from "../redis/script.js";
import { decodeTimerRecord, encodeTimerRecord } from "./timer-payload.js";
import type { Timer, Timers } from "./timers.js";

/**
 * A timer is an entry in a sorted set by due time, plus a key that expires then. The key's expiry event triggers the timer; the sorted set
 * guarantees it. Redis emits the event when a client reads the expired key, or when sampling finds it, which can take long. So a second
 * sorted set lists the keys that still have to be read. All keys of one shard are in one slot of a Redis Cluster.
 */
const shards = 8;

/** KEYS: due, inflight, wake. ARGV: key prefix of the shard, then id, due time and record of each. */
const scheduleLua = `${luaNow}
for i = 2, #ARGV, 3 do
  local id, due = ARGV[i], tonumber(ARGV[i + 1])
  redis.call('ZADD', KEYS[1], due, id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('SET', ARGV[1] .. 'record:' .. id, ARGV[i + 2])
  -- a timer that is due already is announced like any other, as soon as may be; Redis expires a key a millisecond after its time
  local wait = math.max(due - now, 1)
  redis.call('SET', ARGV[1] .. 'timer:' .. id, '', 'PX', string.format('%.0f', wait))
  redis.call('ZADD', KEYS[3], string.format('%.0f', now + wait + 1), id)
end
return 1`;

/** KEYS: due, inflight, wake. ARGV: key prefix, then ids. */
const cancelLua = `
for i = 2, #ARGV do
  if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then
    redis.call('DEL', ARGV[1] .. 'record:' .. ARGV[i], ARGV[1] .. 'timer:' .. ARGV[i])
    redis.call('ZREM', KEYS[3], ARGV[i])
  end
end
return 1`;

/**
 * KEYS: due, inflight, wake. ARGV: key prefix, limit. Reads expired keys, each once across all callers, so that Redis emits their events.
 * Returns how long until the next key expires.
 */
const wakeLua = `${luaNow}
local found = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[2])
for i = 1, #found do
  -- one that is just about to expire stays, to be looked at again
  if redis.call('EXISTS', ARGV[1] .. 'timer:' .. found[i]) == 0 then redis.call('ZREM', KEYS[3], found[i]) end
end
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
if first[2] then return math.max(first[2] - now, 0) end
return false`;

const takeLua = `
local taken = {}
local function take(id, due)
  redis.call('ZREM', KEYS[1], id)
  local record = redis.call('GET', ARGV[1] .. 'record:' .. id)
  if record then
    redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), id)
    taken[#taken + 1] = id
    taken[#taken + 1] = due
    taken[#taken + 1] = record
  else
    redis.call('ZREM', KEYS[2], id)
  end
end
`;

/** KEYS: due, inflight. ARGV: key prefix, lease, then ids. */
const claimLua = `${luaNow}${takeLua}
for i = 3, #ARGV do
  local due = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if due and tonumber(due) <= now then take(ARGV[i], due) end
end
return taken`;

/** KEYS: due, inflight. ARGV: key prefix, lease, limit, grace. */
const claimDueLua = `${luaNow}${takeLua}
local function takeAll(found)
  for i = 1, #found, 2 do take(found[i], found[i + 1]) end
end
takeAll(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[3]))
takeAll(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[4]), 'WITHSCORES', 'LIMIT', 0, ARGV[3]))
return taken`;

/** KEYS: due, inflight. */
const nextDueLua = `${luaNow}
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if first[2] then return first[2] - now end
return false`;

/** KEYS: due, inflight. ARGV: key prefix, then ids. */
const completeLua = `
for i = 2, #ARGV do
  if redis.call('ZREM', KEYS[2], ARGV[i]) == 1 and not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('DEL', ARGV[1] .. 'record:' .. ARGV[i], ARGV[1] .. 'timer:' .. ARGV[i])
  end
end
return 1`;

const shardOf = (id: string): number => {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  return hash % shards;
};

const timersOf = (answer: unknown): Timer[] => {
  const flat = answer as Buffer[];
  const timers: Timer[] = [];
  for (let index = 0; index + 2 < flat.length; index += 3) {
    const [id, due, record] = [flat[index], flat[index + 1], flat[index + 2]];
    if (id && due && record) timers.push({ id: id.toString(), dueAtMs: Number(due.toString()), record: decodeTimerRecord(record) });
  }
  return timers;
};

/** Timers in Redis. */
export const createRedisTimers = (redis: RedisConnection): Timers => {
  const scripts = {
    schedule: createScript(redis, scheduleLua, { lasts: true }),
    cancel: createScript(redis, cancelLua),
    claim: createScript(redis, claimLua),
    claimDue: createScript(redis, claimDueLua),
    complete: createScript(redis, completeLua),
    nextDue: createScript(redis, nextDueLua),
    wake: createScript(redis, wakeLua),
  };
  const shardPrefix = (shard: number): string => `${redis.prefix}:{timers-${shard}}:`;
  const listening: ExpiryEvents[] = [];

  const onShard = (script: Script, shard: number, args: readonly ScriptArgument[]): Promise<unknown> =>
    script(
      ["due", "inflight", "wake"].map((name) => `${shardPrefix(shard)}${name}`),
      [shardPrefix(shard), ...args],
    );
  const onAllShards = (script: Script, args: readonly ScriptArgument[]): Promise<unknown[]> =>
    Promise.all(Array.from({ length: shards }, (_, shard) => onShard(script, shard, args)));
  const leastOf = (answers: readonly unknown[]): number | undefined => {
    const waits = answers.flatMap((wait) => (wait === null ? [] : [Number(wait)]));
    return waits.length === 0 ? undefined : Math.min(...waits);
  };
  const perShard = async (
    script: Script,
    ids: readonly string[],
    argsOf: (id: string) => readonly ScriptArgument[],
    lead: readonly ScriptArgument[] = [],
  ) => {
    const grouped = new Map<number, ScriptArgument[]>();
    for (const id of ids) {
      const shard = shardOf(id);
      const args = grouped.get(shard) ?? [...lead];
      args.push(...argsOf(id));
      grouped.set(shard, args);
    }
    return Promise.all([...grouped].map(([shard, args]) => onShard(script, shard, args)));
  };

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
      const marker = new RegExp(`^${redis.prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}:\\{timers-\\d+\\}:timer:(.+)$`);
      const events = await listenForExpiries(redis, (key) => {
        const id = marker.exec(key)?.[1];
        if (id) hint([id]);
      });
      listening.push(events);
      return async () => events.stop();
    },
    nextDueInMs: async () => leastOf(await onAllShards(scripts.nextDue, [])),
    pending: () =>
      redis.ask(async () => {
        const counts = await Promise.all(
          Array.from({ length: shards }, (_, shard) => [
            redis.client.zcard(`${shardPrefix(shard)}due`),
            redis.client.zcard(`${shardPrefix(shard)}inflight`),
          ]).flat(),
        );
        return counts.reduce((sum, count) => sum + count, 0);
      }),
    close: async () => {
      for (const events of listening) events.stop();
    },
  };
};
