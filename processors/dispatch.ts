import { type Asking, ask, drive, wait } from "../engine/ask.js";
import type { Stage } from "../engine/stage.js";
import type { DispatchCommand } from "../schemas/generated.js";
import { keys } from "../stores/keys.js";
import { type Call, claimAttempt, leaseMarginMs, leaseMsOf, OwnAttempts } from "./attempt-claim.js";
import { recordOutcome } from "./attempt-outcome.js";
import type { DispatchContext, DispatchDependencies } from "./dispatch-dependencies.js";
import type { DispatchPorts } from "./dispatch-ports.js";
import { recordAfterEnd, settleEarlier, tryAgainAt } from "./earlier-attempt.js";
import { lineageOf, type Step } from "./lineage-of.js";
import { callProvider, type EndedCall, recordCall } from "./provider-call.js";
import type { Place, Wait } from "./routing.js";
import type { Verdict } from "./verdict.js";

/**
 * No provider accepts the attempt now: it is set aside and not counted. Lineage records each reason only once, however often this happens.
 */
const setAside = (command: DispatchCommand, { reason, detail, untilMs }: Wait, context: DispatchContext): undefined => {
  const { attempt } = command;
  const step = {
    stage: "dispatch",
    outcome: "deferred",
    reason,
    attempt,
    discriminator: reason,
    details: { detail },
  } as const satisfies Partial<Step>;
  context.emit("lineage", lineageOf(context, command, step));
  return tryAgainAt(command, Math.min(untilMs, Math.max(command.expiresAt, context.now())), context);
};

/**
 * Lets a long call continue detached from its partition, so that it delays no other record. The command returns to its topic when the call
 * has ended, or, if this worker ends first, when the claim's lease ends.
 */
const continueDetached = async (
  command: DispatchCommand,
  calling: Promise<Call>,
  leaseEndsAtMs: number,
  { detachedWork }: DispatchDependencies,
  own: OwnAttempts,
): Promise<undefined> => {
  const key = keys.claims.attempt(command);
  own.detached.add(key);
  const letGo = (): void => {
    own.detached.delete(key);
    own.inHand.delete(key);
  };
  // it may fail before it is kept, and an unhandled rejection would end the process
  const ended = calling.catch(() => undefined);
  try {
    await detachedWork.returnToTopic(command, leaseEndsAtMs);
  } catch (error) {
    ended.finally(letGo);
    throw error;
  }
  detachedWork.keep(calling.finally(letGo).then(() => detachedWork.returnToTopic(command, 0)));
};

/** A worker that is suspended again and again after it claimed an attempt claims it this often before it returns the command. */
const mostClaims = 3;

/** Makes the attempt once it is claimed and has capacity at a provider: at `held`, or where the routes lead. */
function* attempt(
  command: DispatchCommand,
  held: Place | undefined,
  context: DispatchContext,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
  claims = 1,
): Asking<Verdict | undefined> {
  const { policy, detachedWork, routing } = dependencies;
  const key = keys.claims.attempt(command);
  const claimedAtMs = context.now();
  const by = { instance: context.instance, nowMs: claimedAtMs, nonce: own.nonceOf(key), stored: context.record.value };
  const claim = yield* claimAttempt(command, by, dependencies);
  const earlier = yield* settleEarlier(command, claim, by, context, dependencies);
  if (earlier) {
    own.settle(key);
    return earlier.verdict;
  }
  const place = held ?? (yield* wait(routing.choose(command, context)));
  if (!place.provider) return setAside(command, place, context);
  // a worker that was suspended here must not send: by now another may hold the claim, so it is claimed again
  if (context.now() - claimedAtMs > leaseMarginMs) {
    place.leave();
    if (claims === mostClaims) return tryAgainAt(command, context.now(), context);
    return yield* attempt(command, undefined, context, dependencies, own, claims + 1); // in its place in the order
  }
  const chosen = { ...command, provider: place.provider.name };
  own.settle(key);
  const calling = callProvider(chosen, place, context);
  const ended = calling instanceof Promise ? yield* wait(detachedWork.within(calling, policy.detachAfterMs)) : calling;
  const recordOnce = (end: EndedCall): Asking<Call> => recordCall(chosen, place.provider.name, end, context, dependencies);
  if (ended) return recordOutcome(chosen, yield* recordOnce(ended), context, dependencies);
  const recording = Promise.resolve(calling).then((end) => drive(recordOnce(end)));
  return yield* wait(continueDetached(chosen, recording, claimedAtMs + leaseMsOf(policy), dependencies, own));
}

/** Ends an attempt of a message that is final already. */
function* recordSuperseded(
  command: DispatchCommand,
  context: DispatchContext,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Asking<Verdict | undefined> {
  const key = keys.claims.attempt(command);
  const verdict = yield* recordAfterEnd(command, own.nonceOf(key), context, dependencies);
  own.settle(key);
  return verdict;
}

/** Makes the attempt, or finds the outcome of one that was started. */
function* begin(
  command: DispatchCommand,
  context: DispatchContext,
  dependencies: DispatchDependencies,
  own: OwnAttempts,
): Asking<Verdict | undefined> {
  // a started attempt is looked up first, and an expired one needs no provider
  if (command.provider !== null || command.expiresAt <= context.now())
    return yield* attempt(command, undefined, context, dependencies, own);
  const found = yield* wait(dependencies.routing.choose(command, context));
  if (!found.provider) return setAside(command, found, context);
  try {
    return yield* attempt(command, found, context, dependencies, own);
  } finally {
    if (!own.detached.has(keys.claims.attempt(command))) found.leave();
  }
}

/**
 * Makes one attempt: chooses the provider, claims the attempt, calls, and records the outcome. If the provider's answer decides the
 * outcome, it goes to retry and feedback at once. If a receipt is expected, the stage ends here.
 */
export const createDispatch = (dependencies: DispatchDependencies): Stage<DispatchCommand, Verdict, DispatchPorts> => {
  const { claims, policy } = dependencies;
  const own = new OwnAttempts(dependencies.run);
  function* makeAttempt(command: DispatchCommand, context: DispatchContext): Asking<Verdict | undefined> {
    const key = keys.claims.attempt(command);
    context.trace.message(command);
    if (own.inHand.has(key)) return tryAgainAt(command, context.now() + leaseMsOf(policy), context);
    own.inHand.add(key);
    try {
      // before the first attempt only expiry can have ended the message, and the claim records earlier work
      const mayHaveEnded = command.attempt > 1;
      if (mayHaveEnded && (yield* ask(claims.decidedAll, keys.claims.final(command.messageId))))
        return yield* recordSuperseded(command, context, dependencies, own);
      return yield* begin(command, context, dependencies, own);
    } finally {
      if (!own.detached.has(key)) own.inHand.delete(key);
    }
  }
  return {
    name: "dispatch",
    ports: ["receipts", "dispatch", "lineage", "feedback", "fallbacks"],
    timers: ["receipts", "dispatch"],
    process: makeAttempt,
  };
};
