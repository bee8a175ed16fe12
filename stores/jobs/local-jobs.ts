import { Cron } from "croner";
import type { Jobs, OnJobError } from "./jobs.js";

/** Jobs within one process: the embedded profile. */
export const createLocalJobs = (onError: OnJobError): Jobs => {
  const stop = new AbortController();
  const running = new Set<Promise<void>>();
  let schedules: Cron[] = [];
  return {
    start: async (jobs) => {
      schedules = jobs.map(
        (job) =>
          new Cron(job.pattern, { timezone: "UTC", protect: true, unref: true }, async () => {
            const run = job.run(stop.signal).catch((error: unknown) => onError(job.name, error));
            running.add(run);
            await run;
            running.delete(run);
          }),
      );
    },
    close: async () => {
      stop.abort();
      for (const schedule of schedules) schedule.stop();
      await Promise.all(running);
    },
  };
};
