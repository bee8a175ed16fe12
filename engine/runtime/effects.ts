import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Timer } from "../../stores/timers/timers.js";

/** What one record leaves behind: timers are set first, then the records leave with the offset. */
export interface Effects {
  readonly outputs: OutgoingRecord[];
  readonly schedules: Timer[];
  readonly cancels: string[];
}

export const noEffects = (): Effects => ({ outputs: [], schedules: [], cancels: [] });
