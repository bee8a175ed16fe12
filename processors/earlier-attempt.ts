import { type Asking, ask } from "../engine/ask.js";
import type { DispatchCommand } from "../schemas/generated.js";
import type { Claim } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import { type Claimant, isRepeatedTooOften, keepMsOf, leaseMsOf, recordOf, unsentRecord } from "./attempt-claim.js";
import { recordOutcome, scheduleDeadline, waitsForReceipt } from "./attempt-outcome.js";
import { conclude } from "./conclude.js";
import type { DispatchContext, DispatchDependencies } from "./dispatch-dependencies.js";
import { lineageOf, type Step } from "./lineage-of.js";
import type { SendOutcome } from "./provider.js";
import { recordCall } from "./provider-call.js";
import type { Verdict } from "./verdict.js";

/** Stands for the provider of an unfinished attempt if the message's cached copy does not name it. */
const unknownProvider = "unknown";

/** Records that the outcome of an attempt is unknown, and what follows. A held attempt waits for its receipt until the deadline. */
const noteAmbiguous = (command: DispatchCommand, hold: boolean, context: DispatchContext, { policy }: DispatchDependencies): void => {
  context.emit(
    "lineage",
    lineageOf(context, command, {
      stage: "dispatch",
      outcome: hold ? "held" : "resent",
      status: hold ? "dispatched" : null,
      reason: "ambiguous_send",
      attempt: command.attempt,
      provider: command.provider,
    }),
  );
  if (hold) scheduleDeadline(context, command, command.provider ?? unknownProvider, policy);
};

/** Ends an attempt whose workers ended again and again. */
function* recordLost(command: DispatchCommand, context: DispatchContext, dependencies: DispatchDependencies): Asking<Verdict | undefined> {
  const detail = "each worker that made this attempt ended before it recorded the outcome";
  const outcome = { kind: "ambiguous", reason: "ambiguous_send", detail } as const satisfies SendOutcome;
  const ended = { outcome, at: context.now(), tookMs: 0 };
  const call = yield* recordCall(command, command.provider ?? unknownProvider, ended, context, dependencies);
  return recordOutcome(command, call, context, dependencies);
}

/** Returns the command to its topic at this time. */
export const tryAgainAt = (command: DispatchCommand, dueAtMs: number, context: DispatchContext): undefined => {
  context.schedule("dispatch", command, { id: keys.timers.again(command.messageId, command.attempt), dueAtMs });
};

const recordUnsent = (
  command: DispatchCommand,
  unsent: "expired" | "superseded",
  context: DispatchContext,
  { claims, policy }: DispatchDependencies,
): Asking<string> =>
  ask(claims.completeAll, {
    key: keys.claims.attempt(command),
    outcome: unsentRecord(unsent),
    ttlMs: keepMsOf(command, policy, context.now()),
  });

function* expireUnsent(command: DispatchCommand, context: DispatchContext, dependencies: DispatchDependencies): Asking<undefined> {
  const { claims, policy } = dependencies;
  yield* recordUnsent(command, "expired", context, dependencies);
  yield* conclude(context, claims, policy.stateRetentionMs, {
    subject: command,
    stage: "dispatch",
    status: "expired",
    reason: "expired_before_send",
    attempt: command.attempt - 1,
    provider: null,
    providerMessageId: null,
    cause: `dispatch:${command.attempt}`,
  });
  return undefined;
}

/**
 * The message is final already. The outcome of this attempt may not be recorded yet: a worker may have ended after the provider accepted
 * the message, and the receipt may have arrived before the command was redelivered.
 */
export function* recordAfterEnd(
  command: DispatchCommand,
  nonce: string,
  context: DispatchContext,
  dependencies: DispatchDependencies,
): Asking<Verdict | undefined> {
  const { claims, policy } = dependencies;
  const keepMs = keepMsOf(command, policy, context.now());
  const request = { key: keys.claims.attempt(command), owner: context.instance, leaseMs: leaseMsOf(policy), ttlMs: keepMs, nonce };
  const claim = yield* ask(claims.claimAll, request);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  if (claim.state === "won") yield* recordUnsent(command, "superseded", context, dependencies);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return recordOutcome(command, record, context, dependencies);
  // this very command may have ended the message, without recording it yet
  if (record?.unsent === "expired") return yield* expireUnsent(command, context, dependencies);
  const found: Pick<Step, "outcome" | "reason" | "details"> =
    claim.state === "taken_over"
      ? { outcome: "held", reason: "ambiguous_send", details: { note: "not sent again: the message already has a final status" } }
      : { outcome: "superseded", reason: null, details: { note: "not sent: the message already has a final status" } };
  context.emit(
    "lineage",
    lineageOf(context, command, { stage: "dispatch", attempt: command.attempt, provider: command.provider, ...found }),
  );
  return undefined;
}

/** The end of an attempt that was made or given up earlier. */
export interface SettledAttempt {
  readonly verdict: Verdict | undefined;
}

/**
 * An attempt whose worker ended between claim and outcome. The lane's policy decides whether it is held for a receipt or made again
 * (undefined); an expired message is always held. An attempt that was made again too often counts as made.
 */
function* settleTakenOver(
  command: DispatchCommand,
  expired: boolean,
  by: Claimant,
  context: DispatchContext,
  dependencies: DispatchDependencies,
): Asking<SettledAttempt | undefined> {
  const hold = expired || waitsForReceipt(command, dependencies.policy);
  if (!hold && (yield* isRepeatedTooOften(command, by, dependencies)))
    return { verdict: yield* recordLost(command, context, dependencies) };
  noteAmbiguous(command, hold, context, dependencies);
  return hold ? { verdict: undefined } : undefined;
}

/** Settles what an earlier worker has done about the attempt, or that it came too late. Yields undefined if it is to be made now. */
export function* settleEarlier(
  command: DispatchCommand,
  claim: Claim,
  by: Claimant,
  context: DispatchContext,
  dependencies: DispatchDependencies,
): Asking<SettledAttempt | undefined> {
  if (claim.state === "held") return { verdict: tryAgainAt(command, claim.leaseEndsAtMs, context) };
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return { verdict: recordOutcome(command, record, context, dependencies) };
  if (record?.unsent === "superseded") return { verdict: yield* recordAfterEnd(command, by.nonce, context, dependencies) };
  const expired = command.expiresAt <= context.now();
  const taken = claim.state === "taken_over" ? yield* settleTakenOver(command, expired, by, context, dependencies) : undefined;
  if (taken) return taken;
  return expired || record ? { verdict: yield* expireUnsent(command, context, dependencies) } : undefined;
}
