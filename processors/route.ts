import type { DispatchCommand, LineageEvent } from "../schemas/generated.js";
import type { Stage } from "../topology/stage.js";
import type { EnrichedMessage } from "./enrich.js";
import { lineageOf } from "./lineage-of.js";

export interface RoutePorts {
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
}

/** Queues a message on the topic of its channel and lane, now or at its notBefore. */
export const createRoute = (): Stage<EnrichedMessage, void, RoutePorts> => ({
  name: "route",
  ports: ["dispatch", "lineage"],
  process: ({ command, notBeforeMs }, context) => {
    const waits = notBeforeMs !== undefined && notBeforeMs > context.now();
    if (waits) context.schedule("dispatch", command, { id: `start:${command.messageId}`, dueAtMs: notBeforeMs });
    else context.emit("dispatch", command);
    context.emit(
      "lineage",
      lineageOf(context, command, {
        stage: "route",
        outcome: waits ? "scheduled" : "ok",
        status: "queued",
        reason: waits ? "not_yet_due" : null,
        attempt: 0,
        details: waits ? { dueAt: new Date(notBeforeMs).toISOString() } : {},
      }),
    );
  },
});
