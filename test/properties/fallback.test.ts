import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Condition, conditions } from "../../client/recipient-input.js";
import { type MessageProgress, meets, nextStep } from "../../directory/next-step.js";
import { drive, workOf } from "../../engine/ask.js";
import { createFallback, type FallbackPorts } from "../../processors/fallback.js";
import type { Reached } from "../../processors/fallback-progress.js";
import type { Codec } from "../../schemas/codec.js";
import type { FallbackEvent, FallbackStep, MessageRequested } from "../../schemas/generated.js";
import { createMemoryClaims } from "../../stores/claims/memory-claims.js";
import { createMemoryCache } from "../../stores/message-cache/memory-cache.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { stageContext } from "../support/stage-context.js";
import { fewer, timeoutMs } from "./property.js";

const codec: Codec<FallbackEvent> = {
  encode: (value) => Buffer.from(JSON.stringify(value)),
  encodeAgain: (value) => Buffer.from(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(String(bytes)) as FallbackEvent,
  key: ({ recipientId }) => recipientId,
};

/** `lost`: the process ends before the outputs of the record leave. `repeated`: it ends after that, before the offset is committed. */
type Fate = "done" | "lost" | "repeated";
type Move =
  | { readonly kind: "progress"; readonly message: number; readonly reached: Reached; readonly fate: Fate }
  | { readonly kind: "wait"; readonly ms: number; readonly fate: Fate };

const fate = fc.constantFrom<Fate>("done", "done", "lost", "repeated");
const progressOf = (reached: readonly Reached[]) =>
  fc.record({ kind: fc.constant("progress" as const), message: fc.nat({ max: 5 }), reached: fc.constantFrom(...reached), fate });
const pause = fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 2_000 }), fate });

const planOf = fc
  .array(
    fc.record({
      unless: fc.constantFrom(...conditions),
      afterMs: fc.integer({ min: 1_000, max: 4_000 }),
      messages: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((steps) =>
    steps.map(({ unless, afterMs, messages }, index): FallbackStep => {
      const messageIds = Array.from({ length: messages }, (_, number) => `${index + 1}.${number}`);
      if (index === 0) return { unless: null, afterMs: 0, messageIds, requests: [] };
      return { unless, afterMs, messageIds, requests: messageIds.map((id) => ({ id, fallback: null }) as MessageRequested) };
    }),
  );

/** What follows from the events alone, each of them seen once. */
const modelOf = (steps: readonly FallbackStep[]) => {
  const marks = new Map<string, Set<Reached>>();
  let [sentSteps, isKnown, hasEnded] = [1, false, false];
  const messages = (): readonly MessageProgress[] =>
    steps
      .slice(0, sentSteps)
      .flatMap(({ messageIds }) => messageIds)
      .map((id) => {
        const own = marks.get(id) ?? new Set();
        return { failed: own.has("failed"), reached: conditions.findLast((condition) => own.has(condition)) ?? null };
      });
  const note = ({ kind, messageId, reached }: FallbackEvent): void => {
    if (kind === "planned") isKnown = true;
    if (kind !== "progress") return;
    const id = messageId ?? "";
    marks.set(id, (marks.get(id) ?? new Set()).add(reached as Reached));
    if (reached === "cancelled") hasEnded = true;
  };
  const plan = steps.map(({ unless, afterMs }) => ({ unless: unless as Condition | null, afterMs }));
  return {
    see: (event: FallbackEvent): void => {
      note(event);
      if (!isKnown || hasEnded) return;
      const isDue = event.kind === "due" && event.step === sentSteps + 1;
      const verdict = nextStep(plan, { sentSteps, messages: messages(), elapsedMs: isDue ? (steps[sentSteps]?.afterMs ?? 0) : 0 });
      hasEnded = verdict.kind === "settled" && verdict.why === "met";
      if (verdict.kind === "send") sentSteps += 1;
    },
    result: () => ({ sentSteps, isSettled: hasEnded || sentSteps === steps.length }),
  };
};

/** Runs a plan's events through the stage, with crashes. `plannedAt`: the number of moves that come before the plan. */
const run = async (steps: readonly FallbackStep[], moves: readonly Move[], plannedAt: number) => {
  const clock = createVirtualClock(1_000_000);
  const claims = createMemoryClaims(clock);
  const stage = createFallback({ claims, cache: createMemoryCache(clock), codec, policy: { stateRetentionMs: 60_000 } });
  const untilMs = clock.now() + steps.reduce((sum, { afterMs }) => sum + afterMs, 0);
  const base: FallbackEvent = {
    ...{ recipientId: "r", tenant: "shop", kind: "planned", step: 1, messageId: null, reached: null },
    ...{ at: clock.now(), untilMs, user: "ann", steps: [] },
  };
  const timers = new Map<string, { readonly event: FallbackEvent; readonly dueAtMs: number }>();
  const sent: string[] = [];
  const log: FallbackEvent[] = [];
  const model = modelOf(steps);
  const once = async (event: FallbackEvent, isApplied: boolean): Promise<void> => {
    const { context, emitted, scheduled, cancelled } = stageContext<FallbackPorts>({}, clock);
    await drive(workOf(stage.process(event, context)));
    if (!isApplied) return;
    sent.push(...(emitted.requests ?? []).map(({ id }) => id));
    for (const id of cancelled) timers.delete(id);
    for (const { id, value, dueAtMs } of scheduled) timers.set(id, { event: value as FallbackEvent, dueAtMs });
  };
  const take = async (event: FallbackEvent, how: Fate): Promise<void> => {
    log.push(event);
    if (how !== "done") await once(event, how === "repeated");
    await once(event, true);
    model.see(event);
  };
  const elapse = async (ms: number, how: Fate): Promise<void> => {
    const endMs = clock.now() + ms;
    for (;;) {
      const [next] = [...timers].sort(([, one], [, other]) => one.dueAtMs - other.dueAtMs);
      if (!next || next[1].dueAtMs > endMs) break;
      const [id, { event, dueAtMs }] = next;
      clock.advance(Math.max(dueAtMs - clock.now(), 0));
      timers.delete(id);
      await take(event, how);
    }
    clock.advance(endMs - clock.now());
  };
  const planned: FallbackEvent = { ...base, steps };
  for (const [index, move] of moves.entries()) {
    if (index === plannedAt) await take(planned, move.fate);
    if (move.kind === "wait") await elapse(move.ms, move.fate);
    else {
      const known = steps.slice(0, model.result().sentSteps).flatMap(({ messageIds }) => messageIds);
      const messageId = known[move.message % known.length] ?? "";
      await take({ ...base, kind: "progress", step: Number.parseInt(messageId, 10), messageId, reached: move.reached }, move.fate);
    }
  }
  if (plannedAt >= moves.length) await take(planned, "done");
  await elapse(20_000, "done");
  return { sent, log, timers, ...model.result() };
};

describe("the steps of a plan, whatever is redelivered and whenever a process ends", () => {
  it(
    "are those that follow from the events, each whole, in order, and the plan always ends",
    () =>
      fc.assert(
        fc.asyncProperty(
          planOf,
          fc.array(fc.oneof(progressOf([...conditions, "failed", "failed", "cancelled"]), pause), { maxLength: 12 }),
          fc.nat({ max: 3 }),
          async (steps, moves, plannedAt) => {
            const { sent, sentSteps, isSettled } = await run(steps, moves, plannedAt);
            expect([...new Set(sent)]).toEqual(steps.slice(1, sentSteps).flatMap(({ messageIds }) => messageIds));
            expect(isSettled).toBe(true);
          },
        ),
        fewer(1),
      ),
    timeoutMs,
  );

  it(
    "are sent if the condition was not met in time, and never if it was met before",
    () =>
      fc.assert(
        fc.asyncProperty(
          planOf.map((steps) => steps.slice(0, 2)),
          fc.array(fc.oneof(progressOf(conditions), pause), { maxLength: 12 }),
          async (steps, moves) => {
            const { sent, log } = await run(steps, moves, 0);
            const [, second] = steps;
            const unless = second?.unless as Condition;
            const dueAt = log.findIndex(({ kind }) => kind === "due");
            const inTime = log
              .slice(0, dueAt < 0 ? log.length : dueAt)
              .some(({ kind, reached }) => kind === "progress" && meets(reached as Condition, unless));
            expect(new Set(sent)).toEqual(new Set(inTime ? [] : second?.messageIds));
          },
        ),
        fewer(1),
      ),
    timeoutMs,
  );

  it(
    "follow at once when all messages have failed",
    () =>
      fc.assert(
        fc.asyncProperty(planOf, fc.array(fate, { minLength: 2, maxLength: 2 }), async (steps, fates) => {
          const first = steps[0]?.messageIds ?? [];
          const moves = first.map((_, message): Move => ({ kind: "progress", message, reached: "failed", fate: fates[message] ?? "done" }));
          const { log } = await run(steps, moves, 0);
          const failures = log.filter(({ kind }) => kind === "progress");
          expect(failures.map(({ messageId }) => messageId)).toEqual(first);
          // the timer of the second step never fires
          expect(log.filter(({ kind, step }) => kind === "due" && step === 2)).toEqual([]);
        }),
        fewer(2),
      ),
    timeoutMs,
  );
});
