import { wait } from "../engine/ask.js";
import type { MaybePromise, Stage } from "../engine/stage.js";
import type { DispatchCommand, LineageEvent } from "../schemas/generated.js";
import type { BucketShape, Buckets } from "../stores/buckets/buckets.js";
import { keys } from "../stores/keys.js";
import type { EnrichedMessage } from "./enrich.js";
import { lineageOf } from "./lineage-of.js";

export interface RoutePorts {
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
}

export interface RouteDependencies {
  readonly buckets: Pick<Buckets, "take">;
  /** Critical messages per second for each tenant; null: unlimited. */
  readonly criticalQuota: BucketShape | null;
}

/** A lane that carries everything has no priority, so critical messages beyond a tenant's quota use `high`. */
const withinQuota = (command: DispatchCommand, { buckets, criticalQuota }: RouteDependencies): MaybePromise<DispatchCommand> => {
  if (command.lane !== "critical" || !criticalQuota) return command;
  const taken = buckets.take(keys.buckets.criticalQuota(command.tenant), 1, criticalQuota, 0);
  return taken.then(({ granted }) => (granted === 1 ? command : { ...command, lane: "high" }));
};

/** Queues a message on the topic of its channel and lane, now or at its notBefore. */
export const createRoute = (dependencies: RouteDependencies): Stage<EnrichedMessage, void, RoutePorts> => ({
  name: "route",
  ports: ["dispatch", "lineage"],
  timers: ["dispatch"],
  process: function* ({ command: asked, notBeforeMs }, context) {
    const command = yield* wait(withinQuota(asked, dependencies));
    const moved = command.lane !== asked.lane;
    const waits = notBeforeMs !== null && notBeforeMs > context.now();
    if (waits) context.schedule("dispatch", command, { id: keys.timers.start(command.messageId), dueAtMs: notBeforeMs });
    else context.emit("dispatch", command);
    context.emit(
      "lineage",
      lineageOf(context, command, {
        stage: "route",
        outcome: waits ? "scheduled" : "ok",
        status: "queued",
        reason: moved ? "critical_quota" : waits ? "not_yet_due" : null,
        attempt: 0,
        details: { ...(waits ? { dueAt: new Date(notBeforeMs).toISOString() } : {}), ...(moved ? { movedTo: command.lane } : {}) },
      }),
    );
  },
});
