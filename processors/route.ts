import type { TenantRulesOf } from "../access/tenant-rules.js";
import { type Asking, wait } from "../engine/ask.js";
import type { Stage } from "../engine/stage.js";
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
  /** A tenant's own quota replaces that one. */
  readonly rulesOf: TenantRulesOf;
}

/** A lane that carries everything has no priority, so critical messages beyond a tenant's quota use `high`. */
function* withinQuota(command: DispatchCommand, { buckets, criticalQuota, rulesOf }: RouteDependencies): Asking<DispatchCommand> {
  if (command.lane !== "critical") return command;
  const { criticalPerSecond: own } = yield* wait(rulesOf(command.tenant));
  const quota = own === null ? criticalQuota : { perSecond: own, burst: Math.max(1, Math.ceil(own)) };
  if (!quota) return command;
  const { granted } = yield* wait(buckets.take(keys.buckets.criticalQuota(command.tenant), 1, quota, 0));
  return granted === 1 ? command : { ...command, lane: "high" };
}

/** Queues a message on the topic of its channel and lane, now or at its notBefore. */
export const createRoute = (dependencies: RouteDependencies): Stage<EnrichedMessage, void, RoutePorts> => ({
  name: "route",
  ports: ["dispatch", "lineage"],
  timers: ["dispatch"],
  process: function* ({ command: asked, notBeforeMs }, context) {
    const command = yield* withinQuota(asked, dependencies);
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
