import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Timer } from "../../stores/timers/timers.js";

/** The effects of one record: timers are set first, then the outputs are sent with the offset. */
export interface Effects {
  readonly outputs: readonly OutgoingRecord[];
  readonly schedules: readonly Timer[];
  readonly cancels: readonly string[];
}

export const noEffects = { outputs: [] as OutgoingRecord[], schedules: [] as Timer[], cancels: [] as string[] } satisfies Effects;
