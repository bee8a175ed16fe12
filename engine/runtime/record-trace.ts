import type { Clock } from "../../stores/clock.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";
import type { Queue } from "../queue.js";
import type { TraceNotes } from "../stage.js";

export interface TracedStage {
  readonly name: string;
  /** Milliseconds since 1970 UTC, with fractions. */
  readonly beginMs: number;
  readonly endMs: number;
  readonly failed: boolean;
}

/** The trace of one record: its stages in order, and its external calls. */
export interface RecordTrace {
  readonly queue: Queue;
  readonly record: LogRecord;
  readonly beginMs: number;
  readonly endMs: number;
  readonly stages: readonly TracedStage[];
  readonly calls: readonly Parameters<TraceNotes["call"]>[0][];
  /** The record's message, if a stage has reported it. */
  readonly message: Parameters<TraceNotes["message"]>[0] | undefined;
  /** The error of a record that no stage could process. */
  readonly error: string | undefined;
}

export type OnTraced = (trace: RecordTrace) => void;

/** Collects the trace of one record. */
export interface TraceInHand extends TraceNotes {
  stage(name: string, tookMs: number, failed: boolean): void;
  end(error?: string): void;
}

const untraced: TraceInHand = {
  message: () => undefined,
  call: () => undefined,
  stage: () => undefined,
  end: () => undefined,
};

/** Starts a trace of the record if there is a subscriber. */
export const traceOf = (queue: Queue, record: LogRecord, onTraced: OnTraced | undefined, clock: Clock): TraceInHand => {
  if (!onTraced) return untraced;
  const beginMs = clock.now();
  const begin = clock.elapsed();
  const wallClock = (): number => beginMs + clock.elapsed() - begin;
  const stages: TracedStage[] = [];
  const calls: Parameters<TraceNotes["call"]>[0][] = [];
  let message: Parameters<TraceNotes["message"]>[0] | undefined;
  return {
    message: (known) => {
      message = known;
    },
    call: (call) => void calls.push(call),
    stage: (name, tookMs, failed) => {
      const endMs = wallClock();
      stages.push({ name, beginMs: endMs - tookMs, endMs, failed });
    },
    end: (error) => onTraced({ queue, record, beginMs, endMs: wallClock(), stages, calls, message, error }),
  };
};
