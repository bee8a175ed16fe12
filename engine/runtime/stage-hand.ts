import type { RecordInfo, StageContext, TraceNotes } from "../stage.js";

/** The record's run, as the contexts of its stages use it; `at`: index of the calling stage. */
export interface HeldRun {
  readonly record: RecordInfo;
  readonly instance: string;
  readonly trace: TraceNotes;
  readonly signal: AbortSignal;
  emit(at: number, port: string, value: unknown): void;
  schedule(at: number, port: string, value: unknown, timer: { readonly id: string; readonly dueAtMs: number }): void;
  cancel(at: number, timerId: string): void;
}

/** A stage's context while it has the record. Its methods are bound, so a stage may detach them. */
export class StageHand implements StageContext<Record<string, unknown>> {
  readonly record: RecordInfo;
  readonly instance: string;
  readonly trace: TraceNotes;
  readonly now: () => number;

  constructor(
    private readonly run: HeldRun,
    private readonly at: number,
    now: () => number,
  ) {
    this.record = run.record;
    this.instance = run.instance;
    this.trace = run.trace;
    this.now = now;
  }

  /** Created on access: most records are done before anything can abort. */
  get signal(): AbortSignal {
    return this.run.signal;
  }

  readonly emit = (port: string, value: unknown): void => this.run.emit(this.at, port, value);

  readonly schedule = (port: string, value: unknown, timer: { readonly id: string; readonly dueAtMs: number }): void =>
    this.run.schedule(this.at, port, value, timer);

  readonly cancel = (timerId: string): void => this.run.cancel(this.at, timerId);
}
