import type { Clock } from "../clock.js";
import { createExpiringTable } from "../expiring-table.js";
import type { LmdbEnvironment } from "../lmdb-environment.js";
import type { MessageCache, MessageReference } from "./message-cache.js";

/** The message cache of the embedded profile. */
export const createLmdbCache = (environment: LmdbEnvironment, clock: Clock): MessageCache => {
  const messages = createExpiringTable<Buffer>(environment, "messages", clock);
  const references = createExpiringTable<MessageReference>(environment, "references", clock);
  return {
    put: async (messageId, value, ttlMs) => {
      await messages.put(messageId, value, ttlMs);
    },
    get: async (messageId) => messages.get(messageId),
    link: async (provider, responseId, reference, ttlMs) => {
      await references.put(`${provider}:${responseId}`, reference, ttlMs);
    },
    resolve: async (provider, responseId) => references.get(`${provider}:${responseId}`),
    close: async () => {
      messages.close();
      references.close();
    },
  };
};
