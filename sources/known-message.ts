import { defaultLane } from "../schemas/vocabulary.js";

/** A message's identity in a record. */
export interface Known {
  readonly messageId: string;
  readonly tenant: string;
  readonly channel: string;
  readonly lane: string;
  readonly attempt?: number;
  readonly idempotencyKey?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The message that a record belongs to, as far as the record names one. */
export const knownOf = (value: unknown): Known | undefined => {
  const { messageId, id, tenant, channel, lane, attempt, idempotencyKey, metadata } = (value ?? {}) as Partial<Known> & { id?: string };
  const name = messageId ?? id;
  if (!name || !tenant || !channel) return undefined;
  return {
    messageId: name,
    tenant,
    channel,
    lane: lane ?? defaultLane,
    ...(attempt === undefined ? {} : { attempt }),
    idempotencyKey: idempotencyKey ?? null,
    metadata: metadata ?? {},
  };
};
