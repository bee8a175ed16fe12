/** The message that a provider's id stands for. */
export interface MessageReference {
  readonly messageId: string;
  readonly attempt: number;
  /** When the provider was called, milliseconds since 1970 UTC. */
  readonly sentAtMs?: number;
}

/**
 * Messages in flight, so that a response finds its message without the database.
 * Values are encoded records; each is kept for at least its `ttlMs`.
 */
export interface MessageCache {
  put(messageId: string, value: Buffer, ttlMs: number): Promise<void>;
  get(messageId: string): Promise<Buffer | undefined>;
  /** Remembers which message the provider's id stands for. */
  link(provider: string, responseId: string, reference: MessageReference, ttlMs: number): Promise<void>;
  resolve(provider: string, responseId: string): Promise<MessageReference | undefined>;
  close(): Promise<void>;
}
