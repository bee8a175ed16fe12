import type { Asking } from "./ask.js";

/** What a stage may know of the record in hand. */
export interface RecordInfo {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** The lane and channel of its queue, where it has one. */
  readonly lane: string | null;
  readonly channel: string | null;
  /** Where the record was first: the same for a redelivered and a redriven one. */
  readonly origin: string;
  /** The W3C traceparent that its producer sent along, if any. */
  readonly traceparent: string | undefined;
  /** The W3C tracestate that came with it, if any. */
  readonly tracestate: string | undefined;
}

/** What a trace tells of a record beside its stages; nothing is kept where nothing is traced. */
export interface TraceNotes {
  /** Whose message the record is of, once a stage knows. */
  message(message: { readonly messageId: string; readonly traceparent: string; readonly attempt: number }): void;
  /** What was asked of somebody outside for it: when, in milliseconds since 1970 UTC, and for how long. */
  call(call: {
    readonly of: string;
    readonly at: number;
    readonly tookMs: number;
    readonly outcome: string;
    readonly failed: boolean;
  }): void;
}

/** What a stage is given besides its input; `Emits` maps its ports to the records that leave by them. */
export interface StageContext<Emits extends object> {
  readonly record: RecordInfo;
  /** Which process. */
  readonly instance: string;
  /** Aborted when the partition is taken away or the record's deadline passes. Made when it is first asked for. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 UTC. */
  now(): number;
  readonly trace: TraceNotes;
  /** Sends a record out by a port; it leaves when the input is done. Throws STAGE_FAILED once the stage has let the input go. */
  emit<Port extends keyof Emits & string>(port: Port, value: Emits[Port]): void;
  /** Has the record leave by the port, one of the stage's `timers`, at a later time. The same id scheduled again moves it. */
  schedule<Port extends keyof Emits & string>(
    port: Port,
    value: Emits[Port],
    timer: { readonly id: string; readonly dueAtMs: number },
  ): void;
  /** Cancels a scheduled record that has not left. */
  cancel(timerId: string): void;
}

export type MaybePromise<T> = T | Promise<T>;

/** What a stage makes of one record: at once, by a promise, or as work that waits for answers asked together with other records'. */
export type StageResult<T> = MaybePromise<T> | Asking<T>;

/** One typed processor. Yielding undefined ends the record's way through this sub-topology. */
export interface Stage<In, Out, Emits extends object> {
  readonly name: string;
  /** The ports, for the graph. */
  readonly ports: readonly (keyof Emits & string)[];
  /** Those of them by which records leave at a later time, too. */
  readonly timers?: readonly (keyof Emits & string)[];
  process(input: In, context: StageContext<Emits>): StageResult<Out | undefined>;
}

/** The end of a sub-topology that writes whole batches to the world. Rejecting has the batch come again. */
export interface BatchSink<T> {
  readonly name: string;
  /** Before a record is written: rejects with the reason why it cannot be. Undefined: nothing speaks against it. */
  check?(value: T): Promise<void> | undefined;
  write(batch: readonly { readonly value: T; readonly partition: number; readonly offset: number }[]): Promise<void>;
}
