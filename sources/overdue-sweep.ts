import type { Writer } from "../engine/outlet.js";
import { type Conclusion, decisionOf } from "../processors/conclude.js";
import { type ConclusionOutlets, recordOutside } from "../processors/outside-record.js";
import type { DeliveryPolicy } from "../processors/policy.js";
import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";
import type { Claims } from "../stores/claims/claims.js";
import type { Clock } from "../stores/clock.js";
import type { OutgoingRecord } from "../stores/event-log/event-log.js";
import { keys } from "../stores/keys.js";
import { collectionOf, type LineageStore, type MessageDocument } from "../stores/lineage-store/lineage-store.js";

export interface OverdueSweepDependencies {
  readonly lineage: Pick<LineageStore, "query">;
  readonly claims: Pick<Claims, "decideAll" | "decided">;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly policy: DeliveryPolicy;
  readonly instance: string;
  readonly outlets: ConclusionOutlets;
}

const bite = 500;
/** Grace beyond expiry and deadline, for lineage still in transit. */
const graceMs = 3_600_000;

/** Repeats a decided end whose lineage step was lost. */
const repeated = (decided: string): Pick<Conclusion, "status" | "reason" | "cause"> => {
  const { status, cause } = decisionOf(decided);
  return { status, cause, reason: status === "delivered" ? null : "end_unrecorded" };
};

const endingOf = async (document: MessageDocument, dependencies: OverdueSweepDependencies): Promise<readonly OutgoingRecord[]> => {
  const { claims, policy } = dependencies;
  const { _id: messageId, tenant, channel, lane, attempts: attempt, provider } = document;
  const decided = await claims.decided(keys.claims.final(messageId));
  const outside = recordOutside(dependencies);
  const end: Conclusion = {
    subject: { messageId, tenant, channel, lane, idempotencyKey: null, metadata: {} },
    stage: "expire_listener",
    attempt,
    provider,
    providerMessageId: null,
    ...(decided ? repeated(decided) : { status: "expired", reason: attempt > 0 ? "no_receipt" : "expired_before_send", cause: "overdue" }),
  };
  await outside.conclude(end, policy.stateRetentionMs);
  return outside.records;
};

const sweepChannel = async (channel: Channel, dependencies: OverdueSweepDependencies, signal: AbortSignal): Promise<number> => {
  const { lineage, writer, clock, policy } = dependencies;
  const { receiptDeadlineMs, expiresAfterMs } = policy.channels[channel];
  const beforeMs = clock.now() - receiptDeadlineMs - graceMs;
  const expired = { expiresAt: { $lt: new Date(beforeMs) } };
  // with at_most_once the step with the expiry can be lost
  const before = { $lt: new Date(beforeMs - expiresAfterMs) };
  const withoutExpiry = { expiresAt: null, acceptedAt: before, $or: [{ notBefore: null }, { notBefore: before }] };
  const overdue = (
    await Promise.all([
      lineage.query(collectionOf(channel), { final: false, ...expired }, { sort: { expiresAt: 1 }, limit: bite }),
      lineage.query(collectionOf(channel), { final: false, ...withoutExpiry }, { sort: { acceptedAt: 1 }, limit: bite }),
    ])
  ).flat();
  if (signal.aborted || overdue.length === 0) return 0;
  const endings = await Promise.all(overdue.map((document) => endingOf(document, dependencies)));
  await writer.append(endings.flat());
  return overdue.length;
};

/**
 * Ends overdue messages whose timers were lost with their server, so that nothing stays pending indefinitely. Resolves with the number it
 * ended. If there are very many, the next run continues.
 */
export const sweepOverdue = async (dependencies: OverdueSweepDependencies, signal: AbortSignal): Promise<number> => {
  const counts = await Promise.all(channels.map((channel) => sweepChannel(channel, dependencies, signal)));
  return counts.reduce((sum, count) => sum + count, 0);
};
