import { type Asking, ask } from "../engine/ask.js";
import type { MaybePromise } from "../engine/stage.js";
import type { DispatchCommand } from "../schemas/generated.js";
import { keys } from "../stores/keys.js";
import { type Call, keepMsOf, recordOf } from "./attempt-claim.js";
import { linkReceipts } from "./attempt-outcome.js";
import type { DispatchContext, DispatchDependencies } from "./dispatch-dependencies.js";
import { outcomeOfRejection, outcomeOfResult, type Provider, type SendOutcome } from "./provider.js";
import type { Place } from "./routing.js";

/** The call's record once it has ended. */
export type EndedCall = Omit<Call, "provider">;

/** Providers of embedders may return promises of other libraries. */
const isThenable = (sent: unknown): sent is PromiseLike<unknown> =>
  sent instanceof Promise || (typeof sent === "object" && sent !== null && "then" in sent && typeof sent.then === "function");

const send = (provider: Provider, command: DispatchCommand): MaybePromise<SendOutcome> => {
  try {
    const sent: unknown = provider.send(command, { idempotencyToken: `${command.messageId}:${command.attempt}` });
    const checked = (result: unknown): SendOutcome => outcomeOfResult(provider.name, result);
    return isThenable(sent) ? Promise.resolve(sent).then(checked).catch(outcomeOfRejection) : checked(sent);
  } catch (error) {
    return outcomeOfRejection(error);
  }
};

/** Calls the provider and frees the place when the call has ended. */
export const callProvider = (command: DispatchCommand, place: Place, { now }: Pick<DispatchContext, "now">): MaybePromise<EndedCall> => {
  const at = now();
  const ended = (outcome: SendOutcome): EndedCall => {
    const tookMs = now() - at;
    place.leave(outcome, tookMs);
    return { outcome, at, tookMs };
  };
  const sent = send(place.provider, command);
  return sent instanceof Promise ? sent.then(ended) : ended(sent);
};

/** Records a call. Yields the recorded call, which may be another worker's. */
export function* recordCall(
  command: DispatchCommand,
  provider: string,
  ended: EndedCall,
  context: Pick<DispatchContext, "now">,
  { claims, cache, policy }: Pick<DispatchDependencies, "claims" | "cache" | "policy">,
): Asking<Call> {
  const call: Call = { provider, ...ended };
  const ttlMs = keepMsOf(command, policy, context.now());
  // first of all: from now on a receipt can arrive, however long it takes to record the outcome
  yield* linkReceipts(command, call, cache, ttlMs);
  // a worker that was suspended here may find that another took over the claim and recorded its own call, which then counts
  const outcome = JSON.stringify(call);
  const recorded = yield* ask(claims.completeAll, { key: keys.claims.attempt(command), outcome, ttlMs });
  const decided = recorded === outcome ? call : recordOf(recorded);
  return "outcome" in decided ? decided : call;
}
