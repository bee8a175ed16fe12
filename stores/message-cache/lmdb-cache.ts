import type { Clock } from "../clock.js";
import { createExpiringTable } from "../expiring-table.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import { cacheByMany, type MessageCache, type MessageReference } from "./message-cache.js";

/** The message cache of the embedded profile. */
export const createLmdbCache = (environment: LmdbEnvironment, clock: Clock): MessageCache => {
  const messages = createExpiringTable<Buffer>(environment, "messages", clock);
  const references = createExpiringTable<MessageReference>(environment, "references", clock);
  return cacheByMany({
    putAll: async (all) => {
      await messages.putAll(all.map(({ messageId, value, ttlMs }) => ({ key: messageId, value, ttlMs })));
      return all;
    },
    getAll: async (messageIds) => messageIds.map((messageId) => messages.get(messageId)),
    linkAll: async (links) => {
      await references.putAll(
        links.map(({ provider, providerMessageId, reference, ttlMs }) => ({
          key: `${provider}:${providerMessageId}`,
          value: reference,
          ttlMs,
        })),
      );
      return links;
    },
    resolveAll: async (ids) => ids.map(({ provider, providerMessageId }) => references.get(`${provider}:${providerMessageId}`)),
    close: async () => {
      messages.close();
      references.close();
    },
  });
};
