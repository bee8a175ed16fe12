import type { Clock } from "../clock.js";
import { cacheByOne, type MessageCache, type MessageReference } from "./message-cache.js";

/** A message cache in memory, for tests and the test driver. */
export const createMemoryCache = (clock: Clock): MessageCache => {
  const held = new Map<string, { readonly value: Buffer | MessageReference; readonly forgetAtMs: number }>();
  const alive = (key: string): Buffer | MessageReference | undefined => {
    const entry = held.get(key);
    return entry && entry.forgetAtMs > clock.now() ? entry.value : undefined;
  };
  return cacheByOne({
    put: async (messageId, value, ttlMs) => {
      held.set(`m:${messageId}`, { value, forgetAtMs: clock.now() + ttlMs });
    },
    get: async (messageId) => alive(`m:${messageId}`) as Buffer | undefined,
    link: async (provider, providerMessageId, reference, ttlMs) => {
      held.set(`r:${provider}:${providerMessageId}`, { value: reference, forgetAtMs: clock.now() + ttlMs });
    },
    resolve: async (provider, providerMessageId) => alive(`r:${provider}:${providerMessageId}`) as MessageReference | undefined,
    close: async () => undefined,
  });
};
