import type { RedisConnection } from "../redis/connection.js";
import { createManyScript } from "../redis/many.js";
import { cacheByMany, type MessageCache, type MessageReference } from "./message-cache.js";

/** The message cache in Redis. */
export const createRedisCache = (redis: RedisConnection): MessageCache => {
  const { prefix } = redis;
  const set = createManyScript(redis, { step: "redis.call('SET', key, a[1], 'PX', a[2])", args: 2, lasts: true });
  const get = createManyScript(redis, { step: "return redis.call('GET', key)", args: 0 });
  const messageKey = (messageId: string): string => `${prefix}:message:${messageId}`;
  const referenceKey = (provider: string, providerMessageId: string): string => `${prefix}:reference:${provider}:${providerMessageId}`;
  return cacheByMany({
    putAll: (messages) => set(messages.map(({ messageId, value, ttlMs }) => ({ key: messageKey(messageId), args: [value, ttlMs] }))),
    getAll: async (messageIds) => {
      const found = await get(messageIds.map((messageId) => ({ key: messageKey(messageId), args: [] })));
      return found.map((value) => (value === null ? undefined : (value as Buffer)));
    },
    linkAll: (links) =>
      set(
        links.map(({ provider, providerMessageId, reference, ttlMs }) => ({
          key: referenceKey(provider, providerMessageId),
          args: [JSON.stringify(reference), ttlMs],
        })),
      ),
    resolveAll: async (ids) => {
      const found = await get(ids.map(({ provider, providerMessageId }) => ({ key: referenceKey(provider, providerMessageId), args: [] })));
      return found.map((text) => (text === null ? undefined : (JSON.parse(String(text)) as MessageReference)));
    },
    close: async () => undefined,
  });
};
