import type { RedisConnection } from "../redis/connection.js";
import type { MessageCache, MessageReference } from "./message-cache.js";

/** The message cache in Redis. */
export const createRedisCache = ({ client, prefix, ask, write }: RedisConnection): MessageCache => {
  const messageKey = (messageId: string): string => `${prefix}:message:${messageId}`;
  const referenceKey = (provider: string, responseId: string): string => `${prefix}:reference:${provider}:${responseId}`;
  return {
    put: (messageId, value, ttlMs) =>
      ask(async () => {
        await write("set", messageKey(messageId), value, "PX", ttlMs);
      }),
    get: (messageId) => ask(async () => (await client.getBuffer(messageKey(messageId))) ?? undefined),
    link: (provider, responseId, reference, ttlMs) =>
      ask(async () => {
        await write("set", referenceKey(provider, responseId), JSON.stringify(reference), "PX", ttlMs);
      }),
    resolve: (provider, responseId) =>
      ask(async () => {
        const text = await client.get(referenceKey(provider, responseId));
        return text === null ? undefined : (JSON.parse(text) as MessageReference);
      }),
    close: async () => undefined,
  };
};
