import type { Condition } from "../client/recipient-input.js";
import { meets } from "../directory/next-step.js";
import type { StageContext } from "../engine/stage.js";
import type { FallbackEvent } from "../schemas/generated.js";
import type { Subject } from "./lineage-of.js";

/** How far a message of a plan came, or how it ended without success. A cancelled message ends the plan. */
export type Reached = Condition | "failed" | "cancelled";

/** Reports how far a message came, if it may decide whether a later step of its plan is sent. */
export const noteProgress = (
  context: Pick<StageContext<{ readonly fallbacks: FallbackEvent }>, "now" | "emit">,
  { messageId, tenant, fallback }: Pick<Subject, "messageId" | "tenant" | "fallback">,
  reached: Reached,
): void => {
  // no later step depends on the messages of the last one
  if (!fallback?.unless) return;
  const ended = reached === "failed" || reached === "cancelled";
  if (!ended && !meets(reached, fallback.unless as Condition)) return;
  const { recipientId, step, untilMs } = fallback;
  context.emit("fallbacks", {
    recipientId,
    tenant,
    kind: "progress",
    step,
    messageId,
    reached,
    at: context.now(),
    untilMs,
    user: null,
    steps: [],
  });
};
