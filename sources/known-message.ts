import { idFromKey } from "../client/complete-message.js";
import { originOf } from "../engine/runtime/origin.js";
import type { FallbackPlace, MessageRequested } from "../schemas/generated.js";
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
  readonly fallback?: FallbackPlace | null;
}

/** The message that a record belongs to, as far as the record names one. */
export const knownOf = (value: unknown): Known | undefined => {
  const { messageId, id, tenant, channel, lane, attempt, idempotencyKey, metadata, fallback } = (value ?? {}) as Partial<Known> & {
    id?: string;
  };
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
    ...(fallback ? { fallback } : {}),
  };
};

/** A record as it was received, and the error that ended it. */
export type FailedRecord = Parameters<typeof originOf>[0] & { readonly errorCode: string };

/** The codes of records that end their message. */
export const endsMessage = (errorCode: string): boolean => errorCode === "RECORD_REFUSED" || errorCode === "FORBIDDEN";

const mostWordChars = 40;
const mostKeyChars = 256;

/**
 * As `knownOf`, for a record that a tenant has published to its own topic. Whatever the record states, its message belongs to that tenant.
 * A record that may not be published there has no other message's id.
 */
const knownIn = (value: unknown, tenant: string, record: FailedRecord): Known | undefined => {
  if (value === undefined) return undefined;
  const { channel, lane, idempotencyKey, metadata } = value as MessageRequested;
  const key = record.errorCode === "FORBIDDEN" || !idempotencyKey ? `record ${originOf(record)}` : idempotencyKey;
  return {
    messageId: idFromKey(tenant, key),
    tenant,
    channel: channel.slice(0, mostWordChars),
    lane: (lane ?? defaultLane).slice(0, mostWordChars),
    idempotencyKey: idempotencyKey?.slice(0, mostKeyChars) ?? null,
    metadata,
  };
};

/** The message of a record that became a dead letter. `tenantOf`: the tenant that alone publishes to a topic. */
export const knownOfFailed = (value: unknown, record: FailedRecord, tenantOf: (topic: string) => string | undefined): Known | undefined => {
  const tenant = tenantOf(record.topic);
  return tenant === undefined ? knownOf(value) : knownIn(value, tenant, record);
};
