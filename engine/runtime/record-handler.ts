import { CarillonError, messageOf, stageFailure } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import type { LogRecord, OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { SubTopology, Wire } from "../builder.js";
import { diagnostics, type Origin } from "../diagnostics.js";
import type { Queue } from "../queue.js";
import type { StageContext, TraceNotes } from "../stage.js";
import type { AnyFamily } from "../topic-family.js";
import { assertReadable } from "./assert-readable.js";
import type { Codecs } from "./codecs.js";
import { type Effects, noEffects } from "./effects.js";
import { handBackOf } from "./hand-back.js";
import { originOf } from "./origin.js";
import { outgoingOf, refuseLargeRecord } from "./outgoing.js";
import { type OnTraced, traceOf } from "./record-trace.js";
import { decodeStage, withStageDeadline } from "./stage-deadline.js";

export interface HandlerDependencies {
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly instance: string;
  readonly topicOf: (member: string) => string;
  /** How long all stages of one record may take together. */
  readonly stageTimeoutMs: number;
  /** How long a record that only a later version can read goes round, until a worker of that version has it or it becomes a dead letter. */
  readonly handBackMs: number;
  /** What a record that no stage could process leaves behind. */
  readonly deadLetter: (record: LogRecord, stage: string, error: CarillonError, value: unknown) => Promise<Effects>;
  /** Whose events these are. */
  readonly origin: Origin;
}

/** Runs one record through a sub-topology's stages. Rejects only what may succeed when tried again, and will be. */
export type RecordHandler = (record: LogRecord, signal: AbortSignal) => Promise<Effects>;

/** A value as the record that its family's topic takes. */
type Outgoing = (family: AnyFamily, value: unknown) => OutgoingRecord & { readonly key: string; readonly value: Buffer };

/** What a record's stages emit. Values that can be told by one record wait for each other, and are encoded once. */
class Emitted {
  private readonly waiting = new Map<AnyFamily, unknown>();

  constructor(
    private readonly effects: Effects,
    private readonly outgoing: Outgoing,
  ) {}

  add(family: AnyFamily, value: unknown): void {
    const { merge } = family.record;
    if (!merge) {
      this.effects.outputs.push(this.outgoing(family, value));
      return;
    }
    const earlier = this.waiting.get(family);
    const merged = earlier === undefined ? value : merge(earlier, value);
    if (merged === undefined) this.effects.outputs.push(this.outgoing(family, earlier));
    this.waiting.set(family, merged ?? value);
  }

  /** Encodes what has waited. */
  finish(): void {
    for (const [family, value] of this.waiting) this.effects.outputs.push(this.outgoing(family, value));
    this.waiting.clear();
  }
}

const contextOf = (
  sub: SubTopology,
  { lane, channel }: Queue,
  record: LogRecord,
  signal: AbortSignal,
  effects: Effects,
  emitted: Emitted,
  outgoing: Outgoing,
  trace: TraceNotes,
  { clock, instance }: HandlerDependencies,
): ((stage: string) => StageContext<Record<string, unknown>>) => {
  const info = {
    ...record,
    lane,
    channel,
    origin: originOf(record),
    traceparent: record.headers.traceparent?.toString(),
    tracestate: record.headers.tracestate?.toString(),
  };
  return (stage) => {
    const wireOf = (port: string): Wire => {
      const wire = sub.wires.find((candidate) => candidate.stage === stage && candidate.port === port);
      if (!wire) throw new CarillonError("TOPOLOGY_INVALID", `stage ${stage} has no port ${port}`);
      return wire;
    };
    return {
      record: info,
      instance,
      signal,
      now: clock.now,
      trace,
      emit: (port, value) => emitted.add(wireOf(port).to, value),
      schedule: (port, value, { id, dueAtMs }) => {
        const { timed, to } = wireOf(port);
        if (!timed) throw new CarillonError("TOPOLOGY_INVALID", `stage ${stage} does not declare timers for its port ${port}`);
        effects.schedules.push({ id, dueAtMs, record: outgoing(to, value) });
      },
      cancel: (id) => {
        effects.cancels.push(id);
      },
    };
  };
};

/** A record whose stages take too long comes again: a machine that slept, or a server that hung, is not the record's fault. */
const mostTimeouts = 3;

/** Counts the timeouts of the records in hand; those that went through are forgotten. */
const createPatience = () => {
  const timeouts = new Map<string, number>();
  const placeOf = ({ topic, partition, offset }: LogRecord): string => `${topic}/${partition}/${offset}`;
  return {
    forget: (record: LogRecord): void => {
      if (timeouts.size > 0) timeouts.delete(placeOf(record));
    },
    /** Whether the record may come again after this error. */
    allows: (record: LogRecord, { code, retryable }: CarillonError): boolean => {
      if (code !== "STAGE_TIMEOUT") return retryable;
      const count = (timeouts.get(placeOf(record)) ?? 0) + 1;
      timeouts.set(placeOf(record), count);
      return count < mostTimeouts;
    },
  };
};

/** `comesAgain`: whether a record that is rejected is handed out anew; otherwise it becomes a dead letter, to be redriven. */
export const createRecordHandler = (
  sub: SubTopology,
  queue: Queue,
  dependencies: HandlerDependencies,
  comesAgain = true,
): RecordHandler => {
  const { codecs, clock, deadLetter, origin, stageTimeoutMs, topicOf } = dependencies;
  const codec = codecs.of(sub.input);
  const outgoing: Outgoing = (family, value) => {
    const record = outgoingOf(family, value, codecs, topicOf);
    refuseLargeRecord(record);
    return record;
  };
  const patience = createPatience();
  const publishTrace: OnTraced = (done) => diagnostics.record.publish(origin, done);
  return async (record, signal) => {
    const effects = noEffects();
    const emitted = new Emitted(effects, outgoing);
    const trace = traceOf(queue, record, diagnostics.record.hasSubscribers ? publishTrace : undefined, clock);
    const contextFor = contextOf(sub, queue, record, signal, effects, emitted, outgoing, trace, dependencies);
    let stage: string = decodeStage;
    let value: unknown;
    const run = async (): Promise<void> => {
      assertReadable(record);
      const decoded = codec.decode(record.value);
      let current: unknown = decoded instanceof Promise ? await decoded : decoded;
      value = current;
      for (const next of sub.stages) {
        stage = next.name;
        const begin = clock.elapsed();
        current = await next.process(current, contextFor(next.name));
        const tookMs = clock.elapsed() - begin;
        if (diagnostics.stage.hasSubscribers) diagnostics.stage.publish(origin, { stage: next.name, tookMs, failed: false });
        trace.stage(next.name, tookMs, false);
        if (current === undefined) break;
      }
      emitted.finish();
    };
    try {
      await withStageDeadline(run(), stageTimeoutMs, clock, () => stage);
      patience.forget(record);
      trace.end();
      return effects;
    } catch (thrown) {
      const error = stageFailure(stage, thrown);
      trace.stage(stage, 0, true);
      trace.end(`${error.code}: ${messageOf(error)}`);
      if (comesAgain && patience.allows(record, error)) throw error;
      patience.forget(record);
      const back = handBackOf(record, error, dependencies);
      if (back) return { ...noEffects(), schedules: [back] };
      diagnostics.stage.publish(origin, { stage, tookMs: 0, failed: true });
      return deadLetter(record, stage, error, value);
    }
  };
};

/** What a record leaves behind whose outputs the log refused for good. */
export const createBurial = (sub: SubTopology, { codecs, deadLetter, origin }: HandlerDependencies) => {
  const codec = codecs.of(sub.input);
  return async (record: LogRecord, error: CarillonError): Promise<Effects> => {
    const stage = "append";
    diagnostics.stage.publish(origin, { stage, tookMs: 0, failed: true });
    return deadLetter(record, stage, error, await codec.decode(record.value));
  };
};
