import { type CarillonError, messageOf, stageFailure } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";
import type { SubTopology } from "../builder.js";
import { diagnostics, type Origin } from "../diagnostics.js";
import type { Queue } from "../queue.js";
import type { Codecs } from "./codecs.js";
import { type Effects, noEffects } from "./effects.js";
import { handBackOf } from "./hand-back.js";
import { outgoingOf, refuseLargeRecord } from "./outgoing.js";
import { Pass } from "./pass.js";
import { RecordRun } from "./record-run.js";
import { type OnTraced, traceOf } from "./record-trace.js";
import { StageTimes } from "./stage-times.js";
import type { EndedRun, Way, WiredStage } from "./way.js";

export interface HandlerDependencies {
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly instance: string;
  readonly topicOf: (member: string) => string;
  /** Time limit for all stages of one record together. */
  readonly stageTimeoutMs: number;
  /** How long a record that only a later version can read is handed back. Then it becomes a dead letter. */
  readonly requeueTimeoutMs: number;
  /** The effects of a record that no stage could process. */
  readonly deadLetter: (record: LogRecord, stage: string, error: CarillonError, value: unknown) => Promise<Effects>;
  /** The origin of these events. */
  readonly origin: Origin;
}

/** Receives the results of a batch's records. */
export interface Ends {
  done(index: number, effects: Effects): void;
  /** The record may succeed when it is redelivered, so the batch fails. */
  failed(index: number, error: unknown): void;
  /** Called after several records may have ended, so that more can start. */
  turned(): void;
}

/** The records of one batch in flight. */
export interface RecordsInHand {
  begin(record: LogRecord, index: number): void;
  /** Sends the accumulated questions of the started records to the stores. */
  flush(): void;
  close(): void;
}

/** Handles the records of one batch. `signal`: aborts when its partition is revoked. */
export type BatchHandler = (signal: AbortSignal, ends: Ends) => RecordsInHand;

/** A record becomes a dead letter at this many timeouts. Fewer may be the fault of a suspended machine or server. */
const mostTimeouts = 3;

/** Counts timeouts by record, until the record succeeds. */
const createPatience = () => {
  const timeouts = new Map<string, number>();
  const placeOf = ({ topic, partition, offset }: LogRecord): string => `${topic}/${partition}/${offset}`;
  return {
    forget: (record: LogRecord): void => {
      if (timeouts.size > 0) timeouts.delete(placeOf(record));
    },
    /** Whether the record may be redelivered after this error. */
    allows: (record: LogRecord, { code, retryable }: CarillonError): boolean => {
      if (code !== "STAGE_TIMEOUT") return retryable;
      const count = (timeouts.get(placeOf(record)) ?? 0) + 1;
      timeouts.set(placeOf(record), count);
      return count < mostTimeouts;
    },
  };
};

const wiredStages = ({ stages, wires }: SubTopology): readonly WiredStage[] =>
  stages.map((stage) => ({
    stage,
    wires: new Map(wires.filter((wire) => wire.stage === stage.name).map((wire) => [wire.port, wire])),
  }));

type Patience = ReturnType<typeof createPatience>;

/** Ends records that failed: they are redelivered, go back to their topic, or become dead letters. */
const createFailures = (dependencies: HandlerDependencies, patience: Patience, comesAgain: boolean) => {
  const { clock, deadLetter, origin } = dependencies;
  const giveUp = async (run: EndedRun, error: CarillonError): Promise<Effects> => {
    const back = handBackOf(run.source, error, dependencies);
    if (back) return { ...noEffects, schedules: [back] };
    diagnostics.stage.publish(origin, { stage: run.stage, tookMs: [], failed: true });
    return deadLetter(run.source, run.stage, error, run.value);
  };
  return (ends: Ends, times: StageTimes) =>
    (run: EndedRun, thrown: unknown): void => {
      const { index, source, stage, trace } = run;
      const error = stageFailure(stage, thrown);
      trace.stage(stage, 0, true);
      trace.end(`${error.code}: ${messageOf(error)}`);
      if (comesAgain && patience.allows(source, error)) {
        ends.failed(index, error);
        return;
      }
      patience.forget(source);
      giveUp(run, error).then(
        (effects) => {
          times.handled(clock.elapsed() - run.beganMs);
          ends.done(index, effects);
          ends.turned();
        },
        (failure: unknown) => {
          ends.failed(index, failure);
          ends.turned();
        },
      );
    };
};

/** `comesAgain`: whether a rejected record is redelivered; otherwise it becomes a dead letter, which can be redriven. */
export const createBatchHandler = (sub: SubTopology, queue: Queue, dependencies: HandlerDependencies, comesAgain = true): BatchHandler => {
  const { codecs, clock, instance, origin, stageTimeoutMs, topicOf } = dependencies;
  const patience = createPatience();
  const onFailure = createFailures(dependencies, patience, comesAgain);
  const publishTrace: OnTraced = (done) => diagnostics.record.publish(origin, done);
  const shared = {
    queue,
    instance,
    codec: codecs.of(sub.input),
    stages: wiredStages(sub),
    now: clock.now,
    elapsed: clock.elapsed,
    outgoing: (family, value) => {
      const record = outgoingOf(family, value, codecs, topicOf);
      refuseLargeRecord(record);
      return record;
    },
  } satisfies Partial<Way>;
  return (signal, ends) => {
    const times = new StageTimes(queue, origin);
    const pass = new Pass({
      clock,
      signal,
      timeoutMs: stageTimeoutMs,
      turned: () => {
        times.publish();
        ends.turned();
      },
    });
    const failed = onFailure(ends, times);
    const way: Way = {
      ...shared,
      passed: (stage, tookMs) => times.passed(stage, tookMs),
      ended: (run) => {
        patience.forget(run.source);
        run.trace.end();
        times.handled(clock.elapsed() - run.beganMs);
        ends.done(run.index, run.effects);
      },
      failed,
    };
    return {
      begin: (record, index) => {
        const trace = traceOf(queue, record, diagnostics.record.hasSubscribers ? publishTrace : undefined, clock);
        new RecordRun(index, record, way, signal, pass, trace, clock.elapsed()).begin();
      },
      flush: () => {
        pass.flush();
        times.publish();
      },
      close: () => pass.close(),
    };
  };
};

/** Creates the effects of a record whose outputs the log has refused permanently. */
export const createBurial = (sub: SubTopology, { codecs, deadLetter, origin }: HandlerDependencies) => {
  const codec = codecs.of(sub.input);
  return async (record: LogRecord, error: CarillonError): Promise<Effects> => {
    const stage = "append";
    diagnostics.stage.publish(origin, { stage, tookMs: [], failed: true });
    return deadLetter(record, stage, error, await codec.decode(record.value));
  };
};
