import { type Asking, askEach } from "../engine/ask.js";
import type { StageContext } from "../engine/stage.js";
import type { DispatchCommand, ProviderReceipt } from "../schemas/generated.js";
import { keys } from "../stores/keys.js";
import type { MessageCache } from "../stores/message-cache/message-cache.js";
import type { Call } from "./attempt-claim.js";
import { costOf } from "./cost.js";
import type { DispatchPorts } from "./dispatch-ports.js";
import { noteProgress } from "./fallback-progress.js";
import { lineageOf, type Step } from "./lineage-of.js";
import type { DeliveryPolicy } from "./policy.js";
import { type Verdict, verdictOf } from "./verdict.js";

type Context = StageContext<DispatchPorts>;

const ownReceiptOf = (
  command: DispatchCommand,
  provider: string,
  nowMs: number,
  outcome: Partial<ProviderReceipt> & Pick<ProviderReceipt, "event">,
): ProviderReceipt => ({
  receiptId: `${command.messageId}:${command.attempt}:${outcome.event}`,
  channel: command.channel,
  provider,
  messageId: command.messageId,
  attempt: command.attempt,
  providerMessageId: null,
  reason: null,
  detail: null,
  retryAfterMs: null,
  at: nowMs,
  waits: 0,
  recipients: [],
  ...outcome,
});

/** Schedules a `no_receipt` event for the channel's deadline, in case the provider sends no receipt by then. */
export const scheduleDeadline = (context: Context, command: DispatchCommand, provider: string, policy: DeliveryPolicy): void => {
  const dueAtMs = context.now() + policy.channels[command.channel].receiptDeadlineMs;
  const silence = ownReceiptOf(command, provider, dueAtMs, { event: "no_receipt", reason: "no_receipt" });
  context.schedule("receipts", silence, { id: keys.timers.deadline(command.messageId, command.attempt), dueAtMs });
};

/** Whether an attempt with an unknown outcome waits for a receipt instead of being repeated. */
export const waitsForReceipt = (command: DispatchCommand, policy: DeliveryPolicy): boolean =>
  policy.lanes[command.lane].onAmbiguous === "hold";

/** Links the ids from the provider to the message, so that receipts find it. */
export function* linkReceipts(
  command: DispatchCommand,
  { provider, outcome, at }: Call,
  cache: Pick<MessageCache, "linkAll">,
  ttlMs: number,
): Asking<void> {
  if (outcome.kind !== "accepted") return;
  const reference = { messageId: command.messageId, attempt: command.attempt, sentAtMs: at };
  const ids = [outcome.providerMessageId, ...(outcome.additionalProviderMessageIds ?? [])];
  yield* askEach(
    cache.linkAll,
    ids.map((providerMessageId) => ({ provider, providerMessageId, reference, ttlMs })),
  );
}

/** Records an attempt's outcome and yields its meaning if that is known already. Repeating it after a crash records the same. */
export const recordOutcome = (
  command: DispatchCommand,
  { provider, outcome, at, tookMs }: Call,
  context: Context,
  { policy }: { readonly policy: DeliveryPolicy },
): Verdict | undefined => {
  const step = { stage: "dispatch", attempt: command.attempt, provider, atMs: at } as const satisfies Partial<Step>;
  const answered = outcome.kind === "accepted" || outcome.kind === "delivered";
  context.trace.call({ of: provider, at, tookMs, outcome: outcome.kind, failed: !answered });
  const took = { tookMs: String(tookMs), ...(outcome.exchange ? { exchange: outcome.exchange } : {}) };
  if (outcome.kind === "accepted") {
    scheduleDeadline(context, command, provider, policy);
    const details = { ...took, providerMessageId: outcome.providerMessageId, ...costOf(command, provider, policy) };
    context.emit("lineage", lineageOf(context, command, { ...step, outcome: "ok", status: "dispatched", details }));
    noteProgress(context, command, "accepted");
    return undefined;
  }
  const failed = outcome.kind !== "delivered";
  const held = outcome.kind === "ambiguous" && waitsForReceipt(command, policy);
  context.emit(
    "lineage",
    lineageOf(context, command, {
      ...step,
      outcome: failed ? outcome.kind : "ok",
      status: "dispatched",
      reason: failed ? outcome.reason : null,
      details: { ...took, ...(outcome.detail ? { detail: outcome.detail } : {}), ...(failed ? {} : costOf(command, provider, policy)) },
    }),
  );
  if (held) {
    scheduleDeadline(context, command, provider, policy);
    return undefined;
  }
  const receipt = ownReceiptOf(command, provider, context.now(), {
    event: outcome.kind,
    providerMessageId: failed ? null : outcome.providerMessageId,
    reason: failed ? outcome.reason : null,
    detail: outcome.detail ?? null,
    retryAfterMs: failed ? (outcome.retryAfterMs ?? null) : null,
  });
  return verdictOf(receipt, command, command.attempt, true);
};
