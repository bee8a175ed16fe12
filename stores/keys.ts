/** A plan of steps. Its id is unique among the plans of its tenant. */
export interface PlanName {
  readonly tenant: string;
  readonly recipientId: string;
}

/** No tenant can name the plan of another one, whatever id it gives. */
const nameOf = ({ tenant, recipientId }: PlanName): string => `${recipientId}:${JSON.stringify(tenant)}`;

/**
 * The keys of everything that processes share in claims, timers, buckets and cells. Other processes, later versions and the erasure of a
 * recipient find stored data by these keys. Changing a key orphans the data under the old one.
 */
export const keys = {
  claims: {
    /** The record of a request that counts. */
    request: (messageId: string): string => `request:${messageId}`,
    /** Digest of the content for an idempotency key. */
    digest: (messageId: string): string => `digest:${messageId}`,
    /** The request with an idempotency key that is in flight, and its answer. */
    answer: (messageId: string): string => `answer:${messageId}`,
    /** The addresses of a user that the first request with an idempotency key chose, as ids of messages. */
    choice: (messageId: string): string => `choice:${messageId}`,
    /** The worker that makes an attempt, and the outcome. */
    attempt: ({ messageId, attempt }: { readonly messageId: string; readonly attempt: number }): string => `claim:${messageId}:${attempt}`,
    /** The nth takeover of an attempt's claim, which repeats the attempt. */
    takeover: ({ messageId, attempt }: { readonly messageId: string; readonly attempt: number }, count: number): string =>
      `takeover:${messageId}:${attempt}:${count}`,
    /** The final status of a message. */
    final: (messageId: string): string => `final:${messageId}`,
    /** Why a step of a plan is sent or not. */
    fallbackStep: (plan: PlanName, step: number): string => `step:${step}:${nameOf(plan)}`,
    /** How far a message of a plan came. */
    fallbackMark: (plan: PlanName, messageId: string, reached: string): string => `reached:${reached}:${messageId}:${nameOf(plan)}`,
    /** The action taken on a dead letter. */
    settled: (deadLetterId: string): string => `redriven:${deadLetterId}`,
  },
  timers: {
    /** The first attempt of a message with a scheduled time. */
    start: (messageId: string): string => `start:${messageId}`,
    retry: (messageId: string, attempt: number): string => `retry:${messageId}:${attempt}`,
    /** The same attempt again. */
    again: (messageId: string, attempt: number): string => `again:${messageId}:${attempt}`,
    /** The deadline for a receipt. */
    deadline: (messageId: string, attempt: number): string => `deadline:${messageId}:${attempt}`,
    /** A receipt that arrived before its attempt was recorded. */
    early: (receiptId: string): string => `early:${receiptId}`,
    /** The time of a step of a plan. */
    fallback: (plan: PlanName, step: number): string => `fallback:${step}:${nameOf(plan)}`,
    webhook: (feedbackId: string): string => `webhook:${feedbackId}`,
    /** A receipt from the sandbox. */
    sandbox: (receiptId: string): string => `sandbox:${receiptId}`,
    /** A record that only a later version can read. */
    newer: (origin: string, round: number): string => `newer:${origin}:${round}`,
  },
  cache: {
    /** The plan of steps for a recipient. */
    plan: (plan: PlanName): string => `plan:${nameOf(plan)}`,
  },
  buckets: {
    criticalQuota: (tenant: string): string => `critical:${tenant}`,
    provider: (name: string): string => `provider:${name}`,
    requestsOf: (tenant: string): string => `requests-of:${tenant}`,
    messagesOf: (tenant: string): string => `messages-of:${tenant}`,
  },
  cells: {
    pull: (channel: string): string => `pull:${channel}`,
    receiptLog: (channel: string): string => `receipt-log:${channel}`,
    sessions: "console-sessions",
    consumers: "consumers",
    loads: "worker-load",
    health: "provider-health",
    webhooks: "webhooks",
    /** Accepted messages by tenant, on a day of the tenant's own zone. */
    messagesOfDay: (day: string): string => `messages-of-day:${day}`,
    /** The versions of a tenant's groups when they were last looked at. */
    groupVersions: (tenant: string): string => `group-versions:${tenant}`,
    /** When the keys of a tenant were last used. */
    keyUse: (tenant: string): string => `key-use:${tenant}`,
  },
} as const;

/** Every timer that a message with this many attempts can have. */
export const messageTimers = (messageId: string, attempts: number): readonly string[] => [
  keys.timers.start(messageId),
  ...Array.from({ length: attempts + 2 }, (_, attempt) => [
    keys.timers.retry(messageId, attempt),
    keys.timers.deadline(messageId, attempt),
    keys.timers.again(messageId, attempt),
  ]).flat(),
];
