import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import type { Outlet } from "../../engine/outlet.js";
import type { DetachedWork } from "../../processors/dispatch-dependencies.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import { startDeadline } from "../../stores/start-deadline.js";
import type { Timers } from "../../stores/timers/timers.js";

export interface DetachedCallsDependencies {
  readonly timers: Pick<Timers, "schedule">;
  readonly clock: Clock;
  readonly outlet: Pick<Outlet<DispatchCommand>, "record">;
  /** The origin of these events. */
  readonly origin: Origin;
}

/** Provider calls that continue detached from the records that started them. */
export interface DetachedCalls extends DetachedWork {
  /** Resolves when all calls have ended. */
  ended(): Promise<void>;
}

export const createDetachedCalls = ({ timers, clock, outlet, origin }: DetachedCallsDependencies): DetachedCalls => {
  const kept = new Set<Promise<unknown>>();
  return {
    within: (work, ms) =>
      new Promise((resolve, reject) => {
        // a call that was answered during a stall of this process keeps its place in the order
        const cancel = startDeadline(ms, clock, () => resolve(undefined));
        work.then(
          (outcome) => {
            cancel();
            resolve(outcome);
          },
          (error: unknown) => {
            cancel();
            reject(error);
          },
        );
      }),
    returnToTopic: (command, dueAtMs) => {
      const record = outlet.record(command);
      return timers.schedule([
        { id: keys.timers.again(command.messageId, command.attempt), dueAtMs: Math.max(dueAtMs, clock.now()), record },
      ]);
    },
    keep: (work) => {
      // if it fails, the timer of the claim's lease redelivers the command
      const ended = work
        .catch((error: unknown) => diagnostics.trouble.publish(origin, { where: "dispatch", error }))
        .finally(() => kept.delete(ended));
      kept.add(ended);
    },
    ended: async () => {
      await Promise.all(kept);
    },
  };
};
