import type { RecordInfo, StageContext } from "../../engine/stage.js";
import type { Codec } from "../../schemas/codec.js";
import type { DispatchCommand, ProviderReceipt } from "../../schemas/generated.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryClaims } from "../../stores/claims/memory-claims.js";
import { createMemoryCache } from "../../stores/message-cache/memory-cache.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { policyOf } from "../../topology/delivery-policy.js";

/** A context that records a stage's actions. `Emits` maps its ports, as in a stage's own context. */
export const stageContext = <Emits extends object>(record: Partial<RecordInfo> = {}, clock = createVirtualClock()) => {
  const emitted: Record<string, unknown[]> = {};
  const scheduled: { readonly port: string; readonly value: unknown; readonly id: string; readonly dueAtMs: number }[] = [];
  const cancelled: string[] = [];
  const calls: { readonly of: string; readonly outcome: string; readonly failed: boolean }[] = [];
  const messages: string[] = [];
  const context: StageContext<Emits> = {
    record: {
      topic: "carillon.requests.high",
      lane: "high",
      channel: null,
      partition: 0,
      offset: 7,
      timestampMs: clock.now(),
      headers: {},
      value: null,
      origin: "carillon.requests.high/0/7",
      traceparent: undefined,
      tracestate: undefined,
      ...record,
    },
    instance: "worker-1",
    signal: new AbortController().signal,
    now: clock.now,
    trace: {
      message: ({ messageId }) => messages.push(messageId),
      call: ({ of, outcome, failed }) => calls.push({ of, outcome, failed }),
    },
    emit: (port, value) => {
      emitted[port] = [...(emitted[port] ?? []), value];
    },
    schedule: (port, value, timer) => scheduled.push({ port, value, ...timer }),
    cancel: (id) => cancelled.push(id),
  };
  return { context, clock, emitted: emitted as { [Port in keyof Emits]?: Emits[Port][] }, scheduled, cancelled, calls, messages };
};

/** The policy of a configuration that changes only these keys. */
export const policyWith = (overrides: Readonly<Record<string, unknown>> = {}) => policyOf(loadConfig({ environment: {}, overrides }));

/** Commands as JSON: a codec without a registry. */
export const plainCodec: Codec<DispatchCommand> = {
  encode: (value) => Buffer.from(JSON.stringify(value)),
  encodeAgain: (value, stored) => stored ?? Buffer.from(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(String(bytes)) as DispatchCommand,
  key: ({ to }) => to,
};

/** Claims and cache for a stage, in memory. */
export const memoryPorts = (clock = createVirtualClock()) => ({
  claims: createMemoryClaims(clock),
  cache: createMemoryCache(clock),
  codec: plainCodec,
});

export const receiptFor = (command: DispatchCommand, more: Partial<ProviderReceipt> = {}): ProviderReceipt => ({
  receiptId: "receipt-1",
  channel: command.channel,
  provider: "sandbox",
  messageId: command.messageId,
  attempt: command.attempt,
  providerMessageId: null,
  event: "delivered",
  reason: null,
  detail: null,
  retryAfterMs: null,
  at: Date.UTC(2026, 0, 1),
  waits: 0,
  recipients: [],
  ...more,
});
