import type { RedisConnection } from "../redis/connection.js";
import { createManyScript } from "../redis/many.js";
import { luaNow } from "../redis/script.js";
import { type Claim, type Claims, claimsByMany } from "./claims.js";

const claimStep = `
local held = redis.call('HMGET', key, 'owner', 'lease', 'outcome', 'nonce', 'from')
if held[3] then return {'done', held[3]} end
if held[1] and held[1] ~= a[1] and tonumber(held[2]) > now then return {'held', held[2]} end
local from = held[1]
if a[4] ~= '' and held[1] == a[1] and held[4] == a[4] then from = held[5] end
redis.call('HSET', key, 'owner', a[1], 'lease', string.format('%.0f', now + a[2]), 'nonce', a[4])
if from then redis.call('HSET', key, 'from', from) end
redis.call('PEXPIRE', key, a[3])
if from then return {'taken_over', from} end
return false`;

const completeStep = `
if redis.call('HSETNX', key, 'outcome', a[1]) == 1 then
  redis.call('PEXPIRE', key, a[2])
  redis.call('HDEL', key, 'nonce', 'from')
  return false
end
redis.call('PEXPIRE', key, a[2])
return redis.call('HGET', key, 'outcome')`;

const claimOf = (answer: unknown): Claim => {
  if (answer === null) return { state: "won" };
  const [state, detail] = (answer as readonly Buffer[]).map(String);
  if (state === "done") return { state, outcome: detail ?? "" };
  return state === "held" ? { state, leaseEndsAtMs: Number(detail) } : { state: "taken_over", from: detail ?? "" };
};

const textOf = (answer: unknown): string | undefined => (answer === null ? undefined : String(answer));

/** Claims in Redis 7. */
export const createRedisClaims = (redis: RedisConnection): Claims => {
  const claim = createManyScript(redis, { before: luaNow, step: claimStep, args: 4, lasts: true });
  const complete = createManyScript(redis, { step: completeStep, args: 2, lasts: true });
  const recorded = createManyScript(redis, { step: "return redis.call('HGET', key, 'outcome')", args: 0 });
  const decide = createManyScript(redis, { step: "return redis.call('SET', key, a[1], 'PX', a[2], 'NX', 'GET')", args: 2, lasts: true });
  const decided = createManyScript(redis, { step: "return redis.call('GET', key)", args: 0 });
  const claimKey = (key: string): string => `${redis.prefix}:claim:${key}`;
  const decisionKey = (key: string): string => `${redis.prefix}:decision:${key}`;
  return claimsByMany({
    claimAll: async (requests) =>
      (
        await claim(
          requests.map(({ key, owner, leaseMs, ttlMs, nonce = "" }) => ({ key: claimKey(key), args: [owner, leaseMs, ttlMs, nonce] })),
        )
      ).map(claimOf),
    completeAll: async (requests) => {
      const stand = await complete(requests.map(({ key, outcome, ttlMs }) => ({ key: claimKey(key), args: [outcome, ttlMs] })));
      return requests.map(({ outcome }, index) => textOf(stand[index]) ?? outcome);
    },
    recordedAll: async (keys) => (await recorded(keys.map((key) => ({ key: claimKey(key), args: [] })))).map(textOf),
    decideAll: async (requests) => {
      const stand = await decide(requests.map(({ key, value, ttlMs }) => ({ key: decisionKey(key), args: [value, ttlMs] })));
      return requests.map(({ value }, index) => textOf(stand[index]) ?? value);
    },
    decidedAll: async (keys) => (await decided(keys.map((key) => ({ key: decisionKey(key), args: [] })))).map(textOf),
    close: async () => undefined,
  });
};
