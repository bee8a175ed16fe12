import type { RedisConnection } from "../redis/connection.js";
import { createScript, luaNow, type Script } from "../redis/script.js";

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

/** The atomic steps of timers in Redis. Each runs on one shard, whose keys it receives in the order due, inflight, wake. */
export type TimerScripts = Readonly<Record<"schedule" | "cancel" | "claim" | "claimDue" | "complete" | "nextDue" | "wake", Script>>;

export const createTimerScripts = (redis: RedisConnection): TimerScripts => ({
  schedule: createScript(redis, scheduleLua, { lasts: true }),
  cancel: createScript(redis, cancelLua),
  claim: createScript(redis, claimLua),
  claimDue: createScript(redis, claimDueLua),
  complete: createScript(redis, completeLua),
  nextDue: createScript(redis, nextDueLua),
  wake: createScript(redis, wakeLua),
});
