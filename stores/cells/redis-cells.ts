import type { RedisConnection } from "../redis/connection.js";
import { createScript, luaNow } from "../redis/script.js";
import type { Cells } from "./cells.js";

const setLua = `${luaNow}
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ':' .. ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end`;

const getLua = `${luaNow}
local cell = redis.call('HGET', KEYS[1], ARGV[1])
if not cell then return false end
local at = string.find(cell, ':', 1, true)
if tonumber(string.sub(cell, 1, at - 1)) <= now then return false end
return string.sub(cell, at + 1)`;

/** See boundedSum. */
const addLua = `${luaNow}
local amount, most, before = tonumber(ARGV[2]), tonumber(ARGV[3]), 0
local cell = redis.call('HGET', KEYS[1], ARGV[1])
if cell then
  local at = string.find(cell, ':', 1, true)
  if tonumber(string.sub(cell, 1, at - 1)) > now then before = tonumber(string.sub(cell, at + 1)) or 0 end
end
local added = amount < 0 and math.max(amount, -before) or math.max(0, math.min(amount, most - before))
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[4]) .. ':' .. string.format('%.0f', before + added))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return {added, before + added}`;

/** Removes expired cells and returns the rest. */
const allLua = `${luaNow}
local cells = redis.call('HGETALL', KEYS[1])
local alive = {}
for index = 1, #cells, 2 do
  local at = string.find(cells[index + 1], ':', 1, true)
  if tonumber(string.sub(cells[index + 1], 1, at - 1)) > now then
    alive[#alive + 1] = cells[index]
    alive[#alive + 1] = string.sub(cells[index + 1], at + 1)
  else
    redis.call('HDEL', KEYS[1], cells[index])
  end
end
return alive`;

/** Cells in Redis: one hash per group. */
export const createRedisCells = (redis: RedisConnection): Cells => {
  const set = createScript(redis, setLua);
  const add = createScript(redis, addLua);
  const get = createScript(redis, getLua);
  const all = createScript(redis, allLua);
  const keyOf = (group: string): string => `${redis.prefix}:cells:${group}`;
  const read = async (group: string): Promise<ReadonlyMap<string, string>> => {
    const flat = ((await all([keyOf(group)], [])) as Buffer[]).map(String);
    return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [])));
  };
  return {
    set: async (group, name, value, ttlMs) => {
      await set([keyOf(group)], [name, value, Math.ceil(ttlMs)]);
    },
    add: async (group, name, amount, { most, ttlMs }) => {
      const [added, total] = (await add([keyOf(group)], [name, amount, most, Math.ceil(ttlMs)])) as [number, number];
      return { added, total };
    },
    get: async (group, name) => ((await get([keyOf(group)], [name])) as Buffer | null)?.toString(),
    all: read,
    remove: (group, name) =>
      redis.ask(async () => {
        await redis.client.hdel(keyOf(group), name);
      }),
    close: async () => undefined,
  };
};
