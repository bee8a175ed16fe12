import { CarillonError, messageOf } from "../schemas/errors.js";
import type { DeliveryFeedback, DispatchCommand, LineageEvent, ProviderReceipt } from "../schemas/generated.js";
import type { Stage, StageContext } from "../topology/stage.js";
import {
  type Call,
  type ClaimDependencies,
  claimAttempt,
  claimKey,
  keepMsOf,
  leaseMarginMs,
  leaseMsOf,
  OwnAttempts,
  recordOf,
} from "./attempt-claim.js";
import { scheduleDeadline, tellOutcome, waitsForReceipt } from "./attempt-outcome.js";
import { conclude, finalKey } from "./conclude.js";
import { lineageOf } from "./lineage-of.js";
import type { Provider, SendOutcome } from "./provider.js";
import type { Place, Routing, Wait } from "./routing.js";
import type { Verdict } from "./verdict.js";

export interface DispatchPorts {
  readonly receipts: ProviderReceipt;
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
  readonly feedback: DeliveryFeedback;
}

export interface DispatchDependencies extends ClaimDependencies {
  readonly routing: Routing;
}

type Context = StageContext<DispatchPorts>;

const callProvider = (provider: Provider, command: DispatchCommand): Promise<SendOutcome> =>
  provider
    .send(command, { idempotencyToken: `${command.messageId}:${command.attempt}` })
    .catch((error: unknown) => ({ kind: "ambiguous", reason: "provider_unavailable", detail: messageOf(error) }));

/** Who was asked by the worker that left an attempt in the air; as far as the message's cached copy tells. */
const unknownProvider = "unknown";

/** A worker ended between claim and outcome: by the lane's policy it is sent again, or held for a receipt, as it is once it has expired. */
const holdsAmbiguous = (command: DispatchCommand, expired: boolean, context: Context, { policy }: DispatchDependencies): boolean => {
  const hold = expired || waitsForReceipt(command, policy);
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
  return hold;
};

const tryAgainAt = (command: DispatchCommand, dueAtMs: number, context: Context): undefined => {
  context.schedule("dispatch", command, { id: `again:${command.messageId}:${command.attempt}`, dueAtMs });
};

/** No provider takes it now: it waits without using up an attempt. However often it does, its lineage tells each reason once. */
const setAside = (command: DispatchCommand, { reason, detail, untilMs }: Wait, context: Context): undefined => {
  const { attempt } = command;
  const step = { stage: "dispatch", outcome: "waits", reason, attempt, discriminator: reason, details: { detail } } as const;
  context.emit("lineage", lineageOf(context, command, step));
  return tryAgainAt(command, Math.min(untilMs, Math.max(command.expiresAt, context.now())), context);
};

const recordUnsent = (
  command: DispatchCommand,
  unsent: "expired" | "superseded",
  context: Context,
  { claims, policy }: DispatchDependencies,
): Promise<string> => claims.complete(claimKey(command), JSON.stringify({ unsent }), keepMsOf(command, policy, context.now()));

const expireUnsent = async (command: DispatchCommand, context: Context, dependencies: DispatchDependencies): Promise<undefined> => {
  const { claims, policy } = dependencies;
  await recordUnsent(command, "expired", context, dependencies);
  await conclude(context, claims, policy.keepMs, {
    subject: command,
    stage: "dispatch",
    status: "expired",
    reason: "expired_before_send",
    attempt: command.attempt - 1,
    provider: null,
    responseId: null,
    cause: `dispatch:${command.attempt}`,
  });
};

/** Makes the attempt at the place that it has; without one its time has passed. */
const attempt = async (
  command: DispatchCommand,
  place: Place | undefined,
  context: Context,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Promise<Verdict | undefined> => {
  const { claims, policy } = dependencies;
  const key = claimKey(command);
  const claimedAtMs = context.now();
  const claim = await claimAttempt(command, { instance: context.instance, nowMs: claimedAtMs }, dependencies, own);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return tellOutcome(command, record, context, dependencies);
  const expired = command.expiresAt <= context.now();
  if (claim.state === "taken_over" && holdsAmbiguous(command, expired, context, dependencies)) return undefined;
  if (expired || record || !place) return expireUnsent(command, context, dependencies);
  // a worker that was stopped here and woken later must not send: by now the claim may be another's
  if (context.now() - claimedAtMs > leaseMarginMs) {
    if (claim.state === "won") own.leaveUnused(key);
    throw new CarillonError("LEASE_LOST", `the claim of ${command.messageId} was not used in time`);
  }
  const at = context.now();
  const outcome = await callProvider(place.provider, command);
  place.leave(outcome);
  const call: Call = { provider: place.provider.name, outcome, at, tookMs: context.now() - at };
  // a worker that was stopped here may find that another took the claim over and recorded its own call: that one stands
  const stands = recordOf(await claims.complete(key, JSON.stringify(call), keepMsOf(command, policy, context.now())));
  return tellOutcome(command, "outcome" in stands ? stands : call, context, dependencies);
};

/**
 * The message has ended already. What came of this attempt may not have been told yet: a worker may have ended after
 * the provider took it, and its receipt come before the command did again.
 */
const tellAfterTheEnd = async (
  command: DispatchCommand,
  context: Context,
  dependencies: DispatchDependencies,
): Promise<Verdict | undefined> => {
  const { claims, policy } = dependencies;
  const keepMs = keepMsOf(command, policy, context.now());
  const claim = await claims.claim(claimKey(command), context.instance, leaseMsOf(policy), keepMs);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  if (claim.state === "won") await recordUnsent(command, "superseded", context, dependencies);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return tellOutcome(command, record, context, dependencies);
  // what ended it may have been this very command, and not been told yet
  if (record?.unsent === "expired") return expireUnsent(command, context, dependencies);
  const found =
    claim.state === "taken_over"
      ? { outcome: "held", reason: "ambiguous_send", details: { note: "not sent again: the message had ended" } }
      : { outcome: "superseded", reason: null, details: { note: "not sent: the message had ended" } };
  context.emit(
    "lineage",
    lineageOf(context, command, { stage: "dispatch", attempt: command.attempt, provider: command.provider, ...found }),
  );
  return undefined;
};

/** Finds the attempt a place at a provider, and makes it there. */
const place = async (
  command: DispatchCommand,
  context: Context,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Promise<Verdict | undefined> => {
  if (command.expiresAt <= context.now()) return attempt(command, undefined, context, dependencies, own);
  const choice = dependencies.routing.choose(command, context.signal);
  const found = choice instanceof Promise ? await choice : choice;
  if (!found.provider) return setAside(command, found, context);
  try {
    return await attempt({ ...command, provider: found.provider.name }, found, context, dependencies, own);
  } finally {
    found.leave();
  }
};

/**
 * Makes one attempt: chooses the provider, claims the attempt, calls, records and tells what came of it. What the provider's
 * answer settles goes on to retry and feedback at once; where a receipt is to come, it ends here.
 */
export const createDispatch = (dependencies: DispatchDependencies): Stage<DispatchCommand, Verdict, DispatchPorts> => {
  const { claims, policy } = dependencies;
  const own = new OwnAttempts();
  const process = async (command: DispatchCommand, context: Context): Promise<Verdict | undefined> => {
    const key = claimKey(command);
    if (own.inHand.has(key)) return tryAgainAt(command, context.now() + leaseMsOf(policy), context);
    own.inHand.add(key);
    try {
      // before the first attempt nothing but its expiry can have ended it; what was done already its claim tells
      const mayHaveEnded = command.attempt > 1;
      if (mayHaveEnded && (await claims.decided(finalKey(command.messageId)))) return await tellAfterTheEnd(command, context, dependencies);
      return await place(command, context, dependencies, own);
    } finally {
      own.inHand.delete(key);
    }
  };
  return { name: "dispatch", ports: ["receipts", "dispatch", "lineage", "feedback"], process };
};
