import { type Condition, conditions } from "../client/recipient-input.js";
import { type MessageProgress, nextStep } from "../directory/next-step.js";
import { type Asking, ask, askEach, wait } from "../engine/ask.js";
import type { Stage, StageContext } from "../engine/stage.js";
import type { Codec } from "../schemas/codec.js";
import { CarillonError } from "../schemas/errors.js";
import type { FallbackEvent, FallbackStep, MessageRequested } from "../schemas/generated.js";
import type { Claims } from "../stores/claims/claims.js";
import { keys } from "../stores/keys.js";
import type { MessageCache } from "../stores/message-cache/message-cache.js";
import type { DeliveryPolicy } from "./policy.js";

export interface FallbackPorts {
  readonly requests: MessageRequested;
  readonly fallbacks: FallbackEvent;
}

export interface FallbackDependencies {
  readonly claims: Pick<Claims, "decideAll" | "decidedAll">;
  readonly cache: Pick<MessageCache, "getAll" | "putAll">;
  readonly codec: Codec<FallbackEvent>;
  readonly policy: Pick<DeliveryPolicy, "stateRetentionMs">;
}

type Context = StageContext<FallbackPorts>;

/** Most steps of a plan. */
export const mostSteps = 5;

/** The numbers of all steps that a plan can have after its first. */
export const laterSteps: readonly number[] = Array.from({ length: mostSteps - 1 }, (_, index) => index + 2);

/** A plan, as far as it was carried out. */
interface Plan {
  readonly steps: readonly FallbackStep[];
  /** The decisions about the later steps, in their order. */
  readonly decisions: readonly (string | undefined)[];
}

const sendingOf = (why: string, cause: string): string => `send:${why}:${cause}`;
const isSent = (decision: string | undefined): boolean => decision?.startsWith("send:") ?? false;
const whyOf = (decision: string): string => decision.split(":")[1] ?? "";

/** Identifies an event: the same if it is redelivered. */
const causeOf = ({ kind, step, messageId, reached }: FallbackEvent): string => {
  if (kind === "progress") return `${messageId}:${reached}`;
  return kind === "due" ? `due:${step}` : kind;
};

const ttlMsOf = ({ untilMs }: FallbackEvent, nowMs: number, { stateRetentionMs }: FallbackDependencies["policy"]): number =>
  Math.max(untilMs - nowMs, 0) + stateRetentionMs;

const scheduleDue = (event: FallbackEvent, step: number, dueAtMs: number, context: Context): void => {
  const due: FallbackEvent = { ...event, kind: "due", step, messageId: null, reached: null, at: dueAtMs, user: null, steps: [] };
  context.schedule("fallbacks", due, { id: keys.timers.fallback(event, step), dueAtMs });
};

/** The plan, with the decisions about it; undefined if it is not known yet. */
function* findPlan(event: FallbackEvent, { claims, cache, codec }: FallbackDependencies): Asking<Plan | undefined> {
  const { recipientId, kind } = event;
  const [decisions, kept] = [
    yield* askEach(
      claims.decidedAll,
      laterSteps.map((step) => keys.claims.fallbackStep(event, step)),
    ),
    kind === "planned" ? undefined : yield* ask(cache.getAll, keys.cache.plan(event)),
  ];
  if (kind === "planned") return { steps: event.steps, decisions };
  if (kept) return { steps: (yield* wait(codec.decode(kept))).steps, decisions };
  if (kind === "due" && decisions[event.step - 2] === undefined) {
    throw new CarillonError("STAGE_FAILED", `step ${event.step} for the recipient ${recipientId} is due, but its plan was lost`, {
      fix: "find out why the message cache lost it, send the message again, and discard this record",
    });
  }
  return undefined;
}

/** How far the messages of the sent steps came. */
function* progressOf(
  event: FallbackEvent,
  sent: readonly FallbackStep[],
  unless: Condition | null,
  claims: FallbackDependencies["claims"],
): Asking<readonly MessageProgress[]> {
  const enough = conditions.slice(unless === null ? 0 : conditions.indexOf(unless));
  const marks = ["failed", ...enough];
  const ids = sent.flatMap(({ messageIds }) => messageIds);
  const found = yield* askEach(
    claims.decidedAll,
    ids.flatMap((id) => marks.map((reached) => keys.claims.fallbackMark(event, id, reached))),
  );
  return ids.map((_, index) => {
    const [failed, ...reached] = found.slice(index * marks.length, (index + 1) * marks.length);
    return { failed: failed !== undefined, reached: enough.findLast((_condition, rank) => reached[rank] !== undefined) ?? null };
  });
}

/** Sends a step, and schedules the one after it. Repeating it after a crash sends the same messages. */
const send = (event: FallbackEvent, { steps }: Plan, step: number, why: string, context: Context): void => {
  const acceptedAt = context.now();
  for (const request of steps[step - 1]?.requests ?? [])
    context.emit("requests", { ...request, acceptedAt, fallback: request.fallback && { ...request.fallback, why } });
  if (event.kind !== "due") context.cancel(keys.timers.fallback(event, step));
  const next = steps[step];
  if (next) scheduleDue(event, step + 1, acceptedAt + next.afterMs, context);
};

/** Decides the next step of a plan by everything that is known about its messages. */
function* advance(event: FallbackEvent, plan: Plan, context: Context, { claims, policy }: FallbackDependencies): Asking<void> {
  const cause = causeOf(event);
  const repeated = plan.decisions.findIndex((one) => one !== undefined && one === sendingOf(whyOf(one), cause));
  if (repeated >= 0) return send(event, plan, repeated + 2, whyOf(plan.decisions[repeated] ?? ""), context);
  const open = plan.decisions.findIndex((one) => !isSent(one));
  const sentSteps = open < 0 ? plan.steps.length : open + 1;
  const next = plan.steps[sentSteps];
  if (!next || plan.decisions[open] !== undefined) return;
  const step = sentSteps + 1;
  const unless = next.unless as Condition | null;
  const messages = yield* progressOf(event, plan.steps.slice(0, sentSteps), unless, claims);
  const elapsedMs = event.kind === "due" && event.step === step ? next.afterMs : 0;
  const verdict = nextStep(
    plan.steps.map((one) => ({ afterMs: one.afterMs, unless: one.unless as Condition | null })),
    { sentSteps, messages, elapsedMs },
  );
  if (verdict.kind === "wait") {
    if (event.kind === "planned") scheduleDue(event, step, event.at + next.afterMs, context);
    return;
  }
  const mine = verdict.kind === "send" ? sendingOf(verdict.why, cause) : `met:${cause}`;
  const ttlMs = ttlMsOf(event, context.now(), policy);
  const decided = yield* ask(claims.decideAll, { key: keys.claims.fallbackStep(event, step), value: mine, ttlMs });
  if (decided !== mine) return;
  if (verdict.kind === "send") send(event, plan, step, verdict.why, context);
  else context.cancel(keys.timers.fallback(event, step));
}

/** Keeps the plan for later events, unless it was ended meanwhile, for example by an erasure. */
function* keepPlan(event: FallbackEvent, { decisions }: Plan, context: Context, dependencies: FallbackDependencies): Asking<void> {
  if (decisions.some((one) => one?.startsWith("met:"))) return;
  const { cache, codec, policy } = dependencies;
  const value = codec.encodeAgain(event, context.record.value);
  yield* ask(cache.putAll, { messageId: keys.cache.plan(event), value, ttlMs: ttlMsOf(event, context.now(), policy) });
}

/** Ends a plan: no further step is sent. */
function* endPlan(event: FallbackEvent, context: Context, { claims, policy }: FallbackDependencies): Asking<void> {
  const value = `met:${causeOf(event)}`;
  const ttlMs = ttlMsOf(event, context.now(), policy);
  yield* askEach(
    claims.decideAll,
    laterSteps.map((step) => ({ key: keys.claims.fallbackStep(event, step), value, ttlMs })),
  );
  for (const step of laterSteps) context.cancel(keys.timers.fallback(event, step));
}

/**
 * Sends the later steps of plans: each unless a message of an earlier step came far enough in time, and at once if all of them failed.
 * Everything that it decides is kept in claims, so a redelivered event repeats its work.
 */
export const createFallback = (dependencies: FallbackDependencies): Stage<FallbackEvent, void, FallbackPorts> => ({
  name: "fallback",
  ports: ["requests", "fallbacks"],
  timers: ["fallbacks"],
  process: function* (event, context) {
    const { claims, policy } = dependencies;
    const { kind, messageId, reached } = event;
    if (kind === "progress" && reached === "cancelled") return yield* endPlan(event, context, dependencies);
    if (kind === "progress") {
      const key = keys.claims.fallbackMark(event, messageId ?? "", reached ?? "");
      yield* ask(claims.decideAll, { key, value: "yes", ttlMs: ttlMsOf(event, context.now(), policy) });
    }
    const plan = yield* findPlan(event, dependencies);
    if (!plan) return;
    if (kind === "planned") yield* keepPlan(event, plan, context, dependencies);
    yield* advance(event, plan, context, dependencies);
  },
});
