import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { basename } from "node:path";

/** The largest value, and so the lowest priority. Source: setpriority(2). */
const lowest = 19;

/**
 * Makes the operating system prefer other threads to the calling one while the cores are busy. On Linux a thread has a priority of its own
 * (sched(7)); on other systems, or where it cannot be set, nothing changes. Returns the thread's niceness, if it was set.
 */
export const lowerThreadPriority = (by: number): number | undefined => {
  if (process.platform !== "linux") return undefined;
  try {
    const thread = Number(basename(readlinkSync("/proc/thread-self")));
    const niceness = Math.min(lowest, getPriority() + by);
    setPriority(thread, niceness);
    return getPriority(thread);
  } catch {
    return undefined;
  }
};
