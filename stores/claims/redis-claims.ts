import type { RedisConnection } from "../redis/connection.js";
import { createScript, luaNow } from "../redis/script.js";
import type { Claim, Claims } from "./claims.js";

const claimLua = `${luaNow}
local held = redis.call('HMGET', KEYS[1], 'owner', 'lease', 'outcome')
if held[3] then return {'done', held[3]} end
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) > now then return {'held', held[2]} end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'lease', string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if held[1] then return {'taken_over', held[1]} end
return {'won', ''}`;

const completeLua = `
redis.call('HSETNX', KEYS[1], 'outcome', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HGET', KEYS[1], 'outcome')`;

/** Claims in Redis 7. */
export const createRedisClaims = (redis: RedisConnection): Claims => {
  const claim = createScript(redis, claimLua, { lasts: true });
  const complete = createScript(redis, completeLua, { lasts: true });
  const keyOf = (key: string): string => `${redis.prefix}:claim:${key}`;
  const decisionOf = (key: string): string => `${redis.prefix}:decision:${key}`;
  return {
    claim: async (key, owner, leaseMs, ttlMs): Promise<Claim> => {
      const [state, detail] = (await claim([keyOf(key)], [owner, leaseMs, ttlMs])) as [Buffer, Buffer];
      switch (state.toString()) {
        case "done":
          return { state: "done", outcome: detail.toString() };
        case "held":
          return { state: "held", leaseEndsAtMs: Number(detail.toString()) };
        case "taken_over":
          return { state: "taken_over", from: detail.toString() };
        default:
          return { state: "won" };
      }
    },
    complete: async (key, outcome, ttlMs) => String(await complete([keyOf(key)], [outcome, ttlMs])),
    recorded: (key) => redis.ask(async () => (await redis.client.hget(keyOf(key), "outcome")) ?? undefined),
    decide: (key, value, ttlMs) =>
      redis.ask(async () => String((await redis.write("set", decisionOf(key), value, "PX", ttlMs, "NX", "GET")) ?? value)),
    decided: (key) => redis.ask(async () => (await redis.client.get(decisionOf(key))) ?? undefined),
    close: async () => undefined,
  };
};
