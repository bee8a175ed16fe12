import type { RedisConnection } from "../redis/connection.js";
import { createScript, luaNow } from "../redis/script.js";
import type { Buckets } from "./buckets.js";

/** Returns numbers as text, because Lua truncates fractions. */
const takeLua = `${luaNow}
local want, rate, burst, reserve = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local level = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'paused')
local paused = tonumber(level[3] or '0')
local tokens = tonumber(level[1] or ARGV[3])
local at = tonumber(level[2] or now)
tokens = math.min(burst, tokens + math.max(now - at, 0) / 1000 * rate)
local granted, wait = 0, 0
if paused > now then
  wait = paused - now
else
  granted = math.max(0, math.min(want, math.floor(tokens - reserve + 1e-9)))
  tokens = tokens - granted
  if granted < want then wait = math.max(1, math.ceil((1 + reserve - tokens) / rate * 1000)) end
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(burst / rate * 1000, paused - now)) + 60000)
return {granted, wait, paused > now and 0 or math.floor(tokens + 1e-9)}`;

const pauseLua = `${luaNow}
local till = now + ARGV[1]
if till > tonumber(redis.call('HGET', KEYS[1], 'paused') or '0') then redis.call('HSET', KEYS[1], 'paused', string.format('%.0f', till)) end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1] + 60000) end`;

/** Token buckets in Redis 7, on the Redis server's clock. */
export const createRedisBuckets = (redis: RedisConnection): Buckets => {
  const take = createScript(redis, takeLua);
  const pause = createScript(redis, pauseLua);
  const keyOf = (key: string): string => `${redis.prefix}:bucket:${key}`;
  return {
    take: async (key, want, { perSecond, burst }, reserve) => {
      const [granted, waitMs, left] = (await take([keyOf(key)], [want, perSecond, burst, reserve])) as [number, number, number];
      return { granted, left, waitMs };
    },
    pause: async (key, ms) => {
      await pause([keyOf(key)], [Math.ceil(ms)]);
    },
    close: async () => undefined,
  };
};
