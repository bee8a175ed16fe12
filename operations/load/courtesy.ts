import type { Queue } from "../../engine/queue.js";

/** How many records of one partition of a queue may be in hand now, at most `concurrency`. */
export interface Courtesy {
  limit(queue: Pick<Queue, "urgent">, concurrency: number): number;
  /** Somebody waits for an answer now: what can wait gives way as it does to critical records. */
  urge(): void;
  stop(): void;
}

const everyMs = 10;
/** A process that comes to a timer later than this has too much in hand for what is urgent. */
const busyMs = 4;
/** Nothing starves: this share of the concurrency, and at least so many, always go on. */
const floorShare = 1 / 16;
const floorRecords = 4;
const [shrink, grow] = [0.7, 0.05];
/** Without a critical record or a callback for this long there is nobody to give way to. */
const urgentForMs = 2_000;

/**
 * Lets lanes that can wait take less in hand while the process is busy and has critical records to see to. All lanes of
 * a process share its one thread: each step of an urgent record waits for one step of everything in hand.
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
    // an idle process is not woken a hundred times a second
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
