import type { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";
import { keys } from "../../stores/keys.js";
import type { Timer } from "../../stores/timers/timers.js";
import { diagnostics, type Origin } from "../diagnostics.js";
import { originHeader, originOf } from "./origin.js";

/** The header with the number of times a record was handed back, and since when (milliseconds since 1970 UTC): `3;1764201600000`. */
export const handedBackHeader = "carillon-handed-back";

const [leastDelayMs, mostDelayMs] = [1_000, 30_000];
/** The part of a foreign key that suffices to spread records. */
const mostKeyChars = 512;

interface Before {
  readonly count: number;
  readonly sinceMs: number;
}

const beforeOf = ({ headers }: LogRecord, nowMs: number): Before => {
  const [count, sinceMs] = (headers[handedBackHeader]?.toString() ?? "").split(";").map(Number);
  return Number.isSafeInteger(count) && Number.isSafeInteger(sinceMs)
    ? { count: count ?? 0, sinceMs: sinceMs ?? nowMs }
    : { count: 0, sinceMs: nowMs };
};

/** Uses another key each time, and so another partition: a worker of a later version may own it. */
const nextKeyOf = ({ key }: LogRecord, count: number): string => {
  const own = (key?.toString() ?? "").slice(0, mostKeyChars);
  return `${count === 0 ? own : own.replace(/~\d+$/, "")}~${count + 1}`;
};

export interface HandBackOptions {
  readonly requeueTimeoutMs: number;
  readonly clock: Pick<Clock, "now">;
  readonly origin: Origin;
}

/**
 * A timer that puts a record back into its topic after a growing pause, if only a later version can read it. Undefined for other errors,
 * and once the record has been handed back for `requeueTimeoutMs`.
 */
export const handBackOf = (record: LogRecord, { code }: CarillonError, options: HandBackOptions): Timer | undefined => {
  if (code !== "NEWER_RECORD") return undefined;
  const timer = timerOf(record, options.clock.now(), options.requeueTimeoutMs);
  if (timer) diagnostics.handedBack.publish(options.origin, { topic: record.topic });
  return timer;
};

const timerOf = (record: LogRecord, nowMs: number, requeueTimeoutMs: number): Timer | undefined => {
  const { topic, value, headers } = record;
  const { count, sinceMs } = beforeOf(record, nowMs);
  if (value === null || nowMs - sinceMs >= requeueTimeoutMs) return undefined;
  const origin = originOf(record);
  return {
    id: keys.timers.newer(origin, count + 1),
    dueAtMs: nowMs + Math.min(leastDelayMs * 2 ** Math.min(count, 10), mostDelayMs),
    record: {
      topic,
      key: nextKeyOf(record, count),
      value,
      headers: { ...headers, [originHeader]: origin, [handedBackHeader]: `${count + 1};${sinceMs}` },
    },
  };
};
