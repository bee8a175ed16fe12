import type { Queue } from "../../engine/queue.js";

/** How many records of one partition of a queue may be in flight now, at most `concurrency`. */
export interface Courtesy {
  limit(queue: Pick<Queue, "urgent">, concurrency: number): number;
  /** Call when a caller waits for an answer: less urgent work then yields, as it does to critical records. */
  urge(): void;
  stop(): void;
}

const everyMs = 10;
/** A process whose timers run later than this has too much work in flight for urgent records. */
const busyMs = 4;
/** No queue starves: at least this fraction of the concurrency, and at least this many records, continue. */
const floorShare = 1 / 16;
const floorRecords = 4;
const [shrink, grow] = [0.7, 0.05];
/** After this long without a critical record or a callback, nothing yields. */
const urgentForMs = 2_000;

/**
 * Reduces the records in flight on less urgent lanes while the process is busy with critical records. All lanes of a process share one
 * thread, so each step of an urgent record waits for one step of everything in flight.
 */
export const createCourtesy = (): Courtesy => {
  let share = 1;
  let dueMs = 0;
  let urgentUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const nowMs = performance.now();
    const isUrgent = nowMs < urgentUntilMs;
    const isBusy = nowMs - dueMs > busyMs && isUrgent;
    dueMs = nowMs + everyMs;
    share = isBusy ? Math.max(floorShare, share * shrink) : Math.min(1, share + grow);
    // an idle process is not woken a hundred times per second
    if (!isUrgent && share === 1) rest();
  };
  const rest = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const urge = (): void => {
    urgentUntilMs = performance.now() + urgentForMs;
    if (timer) return;
    dueMs = performance.now() + everyMs;
    timer = setInterval(look, everyMs);
    timer.unref();
  };
  return {
    limit: ({ urgent }, concurrency) => {
      if (!urgent) return Math.min(concurrency, Math.max(floorRecords, Math.ceil(concurrency * share)));
      urge();
      return concurrency;
    },
    urge,
    stop: rest,
  };
};
