/**
 * The keys of all that processes share in claims, timers, buckets and cells. Other processes, later versions and the erasure of a
 * recipient find by them what a process left: a key that changes leaves behind what was stored under the old one.
 */
export const keys = {
  claims: {
    /** Which record of a request counts. */
    request: (messageId: string): string => `request:${messageId}`,
    /** The content that an idempotency key stands for. */
    digest: (messageId: string): string => `digest:${messageId}`,
    /** Who makes an attempt, and what came of it. */
    attempt: ({ messageId, attempt }: { readonly messageId: string; readonly attempt: number }): string => `claim:${messageId}:${attempt}`,
    /** How a message ended. */
    final: (messageId: string): string => `final:${messageId}`,
    /** What was done with a dead letter. */
    settled: (deadLetterId: string): string => `redriven:${deadLetterId}`,
  },
  timers: {
    /** The first attempt of a message with a time to send it. */
    start: (messageId: string): string => `start:${messageId}`,
    retry: (messageId: string, attempt: number): string => `retry:${messageId}:${attempt}`,
    /** The same attempt once more. */
    again: (messageId: string, attempt: number): string => `again:${messageId}:${attempt}`,
    /** The end of waiting for a receipt. */
    deadline: (messageId: string, attempt: number): string => `deadline:${messageId}:${attempt}`,
    /** A receipt that came before its attempt was recorded. */
    early: (receiptId: string): string => `early:${receiptId}`,
    webhook: (feedbackId: string): string => `webhook:${feedbackId}`,
    /** A receipt of the sandbox. */
    sandbox: (receiptId: string): string => `sandbox:${receiptId}`,
    /** A record that only a later version can read. */
    newer: (origin: string, round: number): string => `newer:${origin}:${round}`,
  },
  buckets: {
    criticalQuota: (tenant: string): string => `critical:${tenant}`,
    provider: (name: string): string => `provider:${name}`,
  },
  cells: {
    pull: (channel: string): string => `pull:${channel}`,
    receiptLog: (channel: string): string => `receipt-log:${channel}`,
    sessions: "console-sessions",
    consumers: "consumers",
    loads: "worker-load",
    health: "provider-health",
    webhooks: "webhooks",
  },
} as const;

/** Every timer that a message of so many attempts can have. */
export const messageTimers = (messageId: string, attempts: number): readonly string[] => [
  keys.timers.start(messageId),
  ...Array.from({ length: attempts + 2 }, (_, attempt) => [
    keys.timers.retry(messageId, attempt),
    keys.timers.deadline(messageId, attempt),
    keys.timers.again(messageId, attempt),
  ]).flat(),
];
