import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Timer, Timers } from "../../stores/timers/timers.js";
import type { Effects } from "./effects.js";

/** Sets and cancels timers, with the last effect on each timer deciding. Resolves with the records to send. */
export const settle = async (effects: readonly Effects[], timers: Pick<Timers, "schedule" | "cancel">): Promise<OutgoingRecord[]> => {
  const lastWord = new Map<string, Timer | undefined>();
  for (const { cancels, schedules } of effects) {
    for (const id of cancels) lastWord.set(id, undefined);
    for (const timer of schedules) lastWord.set(timer.id, timer);
  }
  const schedules = [...lastWord.values()].filter((timer) => timer !== undefined);
  const cancels = [...lastWord].filter(([, timer]) => timer === undefined).map(([id]) => id);
  await Promise.all([cancels.length > 0 && timers.cancel(cancels), schedules.length > 0 && timers.schedule(schedules)]);
  return effects.flatMap((one) => one.outputs);
};
