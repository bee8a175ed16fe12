import { Cron } from "croner";
import type { Clock } from "../clock.js";
import type { ScheduledJob } from "./jobs.js";

/** Pauses before a failed run is tried again. */
const pausesMs = [60_000, 300_000, 900_000] as const;

const nextRunMs = (pattern: string, nowMs: number): number =>
  new Cron(pattern, { timezone: "UTC", paused: true }).nextRun(new Date(nowMs))?.getTime() ?? Number.POSITIVE_INFINITY;

/**
 * Tries a failed run again, up to three times, while the next scheduled one is not due before. A daily report or a nightly pull would
 * otherwise be lost with one query that failed. `onFailed` gets the error of each run that is tried again.
 */
export const retriedJob = (
  job: ScheduledJob,
  clock: Pick<Clock, "now" | "sleep">,
  onFailed: (name: string, error: unknown) => void,
): ScheduledJob => ({
  ...job,
  run: async (signal) => {
    for (const pauseMs of pausesMs) {
      try {
        await job.run(signal);
        return;
      } catch (error) {
        const nowMs = clock.now();
        if (signal.aborted || nowMs + pauseMs >= nextRunMs(job.pattern, nowMs)) throw error;
        onFailed(job.name, error);
        await clock.sleep(pauseMs, signal);
        if (signal.aborted) throw error;
      }
    }
    await job.run(signal);
  },
});
