/** The message that a provider's id belongs to. */
export interface MessageReference {
  readonly messageId: string;
  readonly attempt: number;
  /** When the provider was called, milliseconds since 1970 UTC. */
  readonly sentAtMs?: number;
}

/** A message to keep: an encoded record, for at least `ttlMs`. */
export interface CachedMessage {
  readonly messageId: string;
  readonly value: Buffer;
  readonly ttlMs: number;
}

/** A provider's id of an attempt. */
export interface ProviderId {
  readonly provider: string;
  readonly providerMessageId: string;
}

export interface Link extends ProviderId {
  readonly reference: MessageReference;
  readonly ttlMs: number;
}

/** Handles several in one round trip. Answers are in the order of the requests. */
export interface MessageCacheByMany {
  putAll(messages: readonly CachedMessage[]): Promise<readonly unknown[]>;
  getAll(messageIds: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  linkAll(links: readonly Link[]): Promise<readonly unknown[]>;
  resolveAll(ids: readonly ProviderId[]): Promise<readonly (MessageReference | undefined)[]>;
  close(): Promise<void>;
}

export interface MessageCacheByOne {
  put(messageId: string, value: Buffer, ttlMs: number): Promise<void>;
  get(messageId: string): Promise<Buffer | undefined>;
  /** Stores the message that a provider's id belongs to. */
  link(provider: string, providerMessageId: string, reference: MessageReference, ttlMs: number): Promise<void>;
  resolve(provider: string, providerMessageId: string): Promise<MessageReference | undefined>;
  close(): Promise<void>;
}

/** Messages in flight, so that a receipt finds its message without the database. */
export interface MessageCache extends MessageCacheByOne, MessageCacheByMany {}

/** Adds the single-message methods to an implementation of the many-message methods. */
export const cacheByMany = (many: MessageCacheByMany): MessageCache => ({
  ...many,
  put: async (messageId, value, ttlMs) => void (await many.putAll([{ messageId, value, ttlMs }])),
  get: async (messageId) => (await many.getAll([messageId]))[0],
  link: async (provider, providerMessageId, reference, ttlMs) =>
    void (await many.linkAll([{ provider, providerMessageId, reference, ttlMs }])),
  resolve: async (provider, providerMessageId) => (await many.resolveAll([{ provider, providerMessageId }]))[0],
});

/** Adds the many-message methods, with concurrent calls, to an implementation of the single-message methods. */
export const cacheByOne = (one: MessageCacheByOne): MessageCache => ({
  ...one,
  putAll: (messages) => Promise.all(messages.map(({ messageId, value, ttlMs }) => one.put(messageId, value, ttlMs))),
  getAll: (messageIds) => Promise.all(messageIds.map((messageId) => one.get(messageId))),
  linkAll: (links) =>
    Promise.all(links.map(({ provider, providerMessageId, reference, ttlMs }) => one.link(provider, providerMessageId, reference, ttlMs))),
  resolveAll: (ids) => Promise.all(ids.map(({ provider, providerMessageId }) => one.resolve(provider, providerMessageId))),
});
