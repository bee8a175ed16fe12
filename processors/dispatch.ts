import { type Asking, ask, drive, wait } from "../engine/ask.js";
import type { MaybePromise, Stage, StageContext } from "../engine/stage.js";
import { CarillonError } from "../schemas/errors.js";
import type { DispatchCommand } from "../schemas/generated.js";
import { keys } from "../stores/keys.js";
import {
  type Call,
  type ClaimDependencies,
  claimAttempt,
  keepMsOf,
  leaseMarginMs,
  leaseMsOf,
  OwnAttempts,
  recordOf,
  unsentRecord,
} from "./attempt-claim.js";
import { linkReceipts, scheduleDeadline, tellOutcome, waitsForReceipt } from "./attempt-outcome.js";
import { conclude } from "./conclude.js";
import type { DispatchPorts } from "./dispatch-ports.js";
import { lineageOf, type Step } from "./lineage-of.js";
import { outcomeOfRejection, type Provider, type SendOutcome } from "./provider.js";
import type { Place, Routing, Wait } from "./routing.js";
import type { Verdict } from "./verdict.js";

/** Work that goes on beside the record that began it. */
export interface Beside {
  /** What it comes to, or undefined if that takes longer than `ms`. Rejects as the work does. */
  within<T>(work: Promise<T>, ms: number): Promise<T | undefined>;
  /** Has the command come back to its topic at that time, or at once if that has passed. Durable when it resolves. */
  comeBack(command: DispatchCommand, dueAtMs: number): Promise<void>;
  /** Waits for this before the process ends. */
  keep(work: Promise<unknown>): void;
}

export interface DispatchDependencies extends ClaimDependencies {
  readonly routing: Routing;
  readonly beside: Beside;
}

type Context = StageContext<DispatchPorts>;

/** What is known of a call when it has ended. */
type Ended = Omit<Call, "provider">;

const send = (provider: Provider, command: DispatchCommand): MaybePromise<SendOutcome> => {
  try {
    const sent = provider.send(command, { idempotencyToken: `${command.messageId}:${command.attempt}` });
    return sent instanceof Promise ? sent.catch(outcomeOfRejection) : sent;
  } catch (error) {
    return outcomeOfRejection(error);
  }
};

/** Calls the provider; the place is free when the call has ended. */
const callProvider = (command: DispatchCommand, place: Place, { now }: Pick<Context, "now">): MaybePromise<Ended> => {
  const at = now();
  const ended = (outcome: SendOutcome): Ended => {
    const tookMs = now() - at;
    place.leave(outcome, tookMs);
    return { outcome, at, tookMs };
  };
  const sent = send(place.provider, command);
  return sent instanceof Promise ? sent.then(ended) : ended(sent);
};

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
  context.schedule("dispatch", command, { id: keys.timers.again(command.messageId, command.attempt), dueAtMs });
};

/** No provider takes it now: it waits without using up an attempt. However often it does, its lineage tells each reason once. */
const setAside = (command: DispatchCommand, { reason, detail, untilMs }: Wait, context: Context): undefined => {
  const { attempt } = command;
  const step = {
    stage: "dispatch",
    outcome: "waits",
    reason,
    attempt,
    discriminator: reason,
    details: { detail },
  } as const satisfies Partial<Step>;
  context.emit("lineage", lineageOf(context, command, step));
  return tryAgainAt(command, Math.min(untilMs, Math.max(command.expiresAt, context.now())), context);
};

const recordUnsent = (
  command: DispatchCommand,
  unsent: "expired" | "superseded",
  context: Context,
  { claims, policy }: DispatchDependencies,
): Asking<string> =>
  ask(claims.completeAll, {
    key: keys.claims.attempt(command),
    outcome: unsentRecord(unsent),
    ttlMs: keepMsOf(command, policy, context.now()),
  });

function* expireUnsent(command: DispatchCommand, context: Context, dependencies: DispatchDependencies): Asking<undefined> {
  const { claims, policy } = dependencies;
  yield* recordUnsent(command, "expired", context, dependencies);
  yield* conclude(context, claims, policy.keepMs, {
    subject: command,
    stage: "dispatch",
    status: "expired",
    reason: "expired_before_send",
    attempt: command.attempt - 1,
    provider: null,
    responseId: null,
    cause: `dispatch:${command.attempt}`,
  });
  return undefined;
}

/** Records what came of a call. Yields what stands: another worker may have recorded its own. */
function* recordCall(
  command: DispatchCommand,
  provider: string,
  ended: Ended,
  context: Pick<Context, "now">,
  { claims, cache, policy }: DispatchDependencies,
): Asking<Call> {
  const call: Call = { provider, ...ended };
  const ttlMs = keepMsOf(command, policy, context.now());
  // first of all: from now on a receipt can come, however long it takes until the outcome is told
  yield* linkReceipts(command, call, cache, ttlMs);
  // a worker that was stopped here may find that another took the claim over and recorded its own call: that one stands
  const outcome = JSON.stringify(call);
  const recorded = yield* ask(claims.completeAll, { key: keys.claims.attempt(command), outcome, ttlMs });
  const stands = recorded === outcome ? call : recordOf(recorded);
  return "outcome" in stands ? stands : call;
}

/**
 * A call that takes long is waited for beside the partition, so that it holds up nobody. The command comes back when the
 * call has ended; should this worker end before it, when the claim's lease does.
 */
const waitBeside = async (
  command: DispatchCommand,
  calling: Promise<Call>,
  leaseEndsAtMs: number,
  { beside }: DispatchDependencies,
  own: OwnAttempts,
): Promise<undefined> => {
  const key = keys.claims.attempt(command);
  own.detached.add(key);
  const letGo = (): void => {
    own.detached.delete(key);
    own.inHand.delete(key);
  };
  try {
    await beside.comeBack(command, leaseEndsAtMs);
  } catch (error) {
    calling.catch(() => undefined).finally(letGo);
    throw error;
  }
  beside.keep(calling.finally(letGo).then(() => beside.comeBack(command, 0)));
};

/** Makes the attempt once it is claimed and has room at a provider. */
function* attempt(
  command: DispatchCommand,
  room: () => MaybePromise<Place | Wait>,
  context: Context,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Asking<Verdict | undefined> {
  const { policy, beside } = dependencies;
  const key = keys.claims.attempt(command);
  const claimedAtMs = context.now();
  const claim = yield* claimAttempt(command, { instance: context.instance, nowMs: claimedAtMs }, dependencies, own);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return tellOutcome(command, record, context, dependencies);
  if (record?.unsent === "superseded") return yield* tellAfterTheEnd(command, context, dependencies);
  const expired = command.expiresAt <= context.now();
  if (claim.state === "taken_over" && holdsAmbiguous(command, expired, context, dependencies)) return undefined;
  if (expired || record) return yield* expireUnsent(command, context, dependencies);
  const place = yield* wait(room());
  if (!place.provider) {
    own.leaveUnused(key);
    return setAside(command, place, context);
  }
  // a worker that was stopped here and woken later must not send: by now the claim may be another's
  if (context.now() - claimedAtMs > leaseMarginMs) {
    place.leave();
    if (claim.state === "won") own.leaveUnused(key);
    throw new CarillonError("LEASE_LOST", `the claim of ${command.messageId} was not used in time`);
  }
  const chosen = { ...command, provider: place.provider.name };
  const calling = callProvider(chosen, place, context);
  const ended = calling instanceof Promise ? yield* wait(beside.within(calling, policy.detachAfterMs)) : calling;
  const recordOnce = (end: Ended): Asking<Call> => recordCall(chosen, place.provider.name, end, context, dependencies);
  if (ended) return tellOutcome(chosen, yield* recordOnce(ended), context, dependencies);
  const recording = Promise.resolve(calling).then((end) => drive(recordOnce(end)));
  return yield* wait(waitBeside(chosen, recording, claimedAtMs + leaseMsOf(policy), dependencies, own));
}

/**
 * The message has ended already. What came of this attempt may not have been told yet: a worker may have ended after
 * the provider took it, and its receipt come before the command did again.
 */
function* tellAfterTheEnd(command: DispatchCommand, context: Context, dependencies: DispatchDependencies): Asking<Verdict | undefined> {
  const { claims, policy } = dependencies;
  const keepMs = keepMsOf(command, policy, context.now());
  const request = { key: keys.claims.attempt(command), owner: context.instance, leaseMs: leaseMsOf(policy), ttlMs: keepMs };
  const claim = yield* ask(claims.claimAll, request);
  if (claim.state === "held") return tryAgainAt(command, claim.leaseEndsAtMs, context);
  if (claim.state === "won") yield* recordUnsent(command, "superseded", context, dependencies);
  const record = claim.state === "done" ? recordOf(claim.outcome) : undefined;
  if (record && "outcome" in record) return tellOutcome(command, record, context, dependencies);
  // what ended it may have been this very command, and not been told yet
  if (record?.unsent === "expired") return yield* expireUnsent(command, context, dependencies);
  const found: Pick<Step, "outcome" | "reason" | "details"> =
    claim.state === "taken_over"
      ? { outcome: "held", reason: "ambiguous_send", details: { note: "not sent again: the message had ended" } }
      : { outcome: "superseded", reason: null, details: { note: "not sent: the message had ended" } };
  context.emit(
    "lineage",
    lineageOf(context, command, { stage: "dispatch", attempt: command.attempt, provider: command.provider, ...found }),
  );
  return undefined;
}

/** Makes the attempt, or finds what came of one that was begun. */
function* begin(
  command: DispatchCommand,
  context: Context,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Asking<Verdict | undefined> {
  const choose = (): MaybePromise<Place | Wait> => dependencies.routing.choose(command, context);
  // what was begun is asked for before anything else; what has expired needs no provider
  if (command.provider !== null || command.expiresAt <= context.now()) return yield* attempt(command, choose, context, dependencies, own);
  const found = yield* wait(choose());
  if (!found.provider) return setAside(command, found, context);
  try {
    return yield* attempt(command, () => found, context, dependencies, own);
  } finally {
    if (!own.detached.has(keys.claims.attempt(command))) found.leave();
  }
}

/**
 * Makes one attempt: chooses the provider, claims the attempt, calls, records and tells what came of it. What the provider's
 * answer settles goes on to retry and feedback at once; where a receipt is to come, it ends here.
 */
export const createDispatch = (dependencies: DispatchDependencies): Stage<DispatchCommand, Verdict, DispatchPorts> => {
  const { claims, policy } = dependencies;
  const own = new OwnAttempts();
  function* makeAttempt(command: DispatchCommand, context: Context): Asking<Verdict | undefined> {
    const key = keys.claims.attempt(command);
    context.trace.message(command);
    if (own.inHand.has(key)) return tryAgainAt(command, context.now() + leaseMsOf(policy), context);
    own.inHand.add(key);
    try {
      // before the first attempt nothing but its expiry can have ended it; what was done already its claim tells
      const mayHaveEnded = command.attempt > 1;
      if (mayHaveEnded && (yield* ask(claims.decidedAll, keys.claims.final(command.messageId))))
        return yield* tellAfterTheEnd(command, context, dependencies);
      return yield* begin(command, context, dependencies, own);
    } finally {
      if (!own.detached.has(key)) own.inHand.delete(key);
    }
  }
  return {
    name: "dispatch",
    ports: ["receipts", "dispatch", "lineage", "feedback"],
    timers: ["receipts", "dispatch"],
    process: makeAttempt,
  };
};
