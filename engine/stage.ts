import type { Asking } from "./ask.js";

/** The current record's data that a stage can use. */
export interface RecordInfo {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** The stored bytes that the stage's input was decoded from, if it is the first stage. Null: the record has no value. */
  readonly value: Buffer | null;
  /** The lane and channel of its queue, if any. */
  readonly lane: string | null;
  readonly channel: string | null;
  /** The record's original position: the same after redelivery and redrive. */
  readonly origin: string;
  /** The W3C traceparent from its producer, if any. */
  readonly traceparent: string | undefined;
  /** The W3C tracestate from its producer, if any. */
  readonly tracestate: string | undefined;
}

/** Additions of a stage to a record's trace. Discarded if tracing is off. */
export interface TraceNotes {
  /** Sets the record's message, once a stage has identified it. */
  message(message: { readonly messageId: string; readonly traceparent: string; readonly attempt: number }): void;
  /** Records a call to an external system: when, in milliseconds since 1970 UTC, and for how long. */
  call(call: {
    readonly of: string;
    readonly at: number;
    readonly tookMs: number;
    readonly outcome: string;
    readonly failed: boolean;
  }): void;
}

/** A stage's input besides the value; `Emits` maps its ports to their record types. */
export interface StageContext<Emits extends object> {
  readonly record: RecordInfo;
  /** Name of the process. */
  readonly instance: string;
  /** Aborts when the partition is revoked or the record's deadline passes. Created on first access. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 UTC. */
  now(): number;
  readonly trace: TraceNotes;
  /** Sends a record to a port. It leaves when the input is done. Throws STAGE_FAILED once the stage has finished with the input. */
  emit<Port extends keyof Emits & string>(port: Port, value: Emits[Port]): void;
  /** Sends the record to the port, one of the stage's `timers`, at a later time. Scheduling the same id again moves it. */
  schedule<Port extends keyof Emits & string>(
    port: Port,
    value: Emits[Port],
    timer: { readonly id: string; readonly dueAtMs: number },
  ): void;
  /** Cancels a scheduled record that has not been sent. */
  cancel(timerId: string): void;
}

export type MaybePromise<T> = T | Promise<T>;

/** A stage's result for one record: a value, a promise, or work that asks questions together with other records. */
export type StageResult<T> = MaybePromise<T> | Asking<T>;

/** One typed processor. If it yields undefined, the record ends in this sub-topology. */
export interface Stage<In, Out, Emits extends object> {
  readonly name: string;
  /** The names of the ports, for the graph. */
  readonly ports: readonly (keyof Emits & string)[];
  /** The ports that records can also leave by later. */
  readonly timers?: readonly (keyof Emits & string)[];
  process(input: In, context: StageContext<Emits>): StageResult<Out | undefined>;
}

/** The end of a sub-topology, which writes whole batches to an external system. If it rejects, the batch is redelivered. */
export interface BatchSink<T> {
  readonly name: string;
  /** Checks a record before it is written. Rejects with the reason if it cannot be. Undefined: no objection. */
  check?(value: T): Promise<void> | undefined;
  write(batch: readonly { readonly value: T; readonly partition: number; readonly offset: number }[]): Promise<void>;
}
