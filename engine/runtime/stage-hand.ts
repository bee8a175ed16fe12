import type { RecordInfo, StageContext, TraceNotes } from "../stage.js";

/** The record's run, as its stages' hands need it; `at`: which stage asks. */
export interface HeldRun {
  readonly record: RecordInfo;
  readonly instance: string;
  readonly trace: TraceNotes;
  readonly signal: AbortSignal;
  emit(at: number, port: string, value: unknown): void;
  schedule(at: number, port: string, value: unknown, timer: { readonly id: string; readonly dueAtMs: number }): void;
  cancel(at: number, timerId: string): void;
}

/** What a stage holds of the record while it has it. Its methods are its own: a stage may take them out of it. */
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

  /** Made where it is asked for: most records are done before anything can abort. */
  get signal(): AbortSignal {
    return this.run.signal;
  }

  readonly emit = (port: string, value: unknown): void => this.run.emit(this.at, port, value);

  readonly schedule = (port: string, value: unknown, timer: { readonly id: string; readonly dueAtMs: number }): void =>
    this.run.schedule(this.at, port, value, timer);

  readonly cancel = (timerId: string): void => this.run.cancel(this.at, timerId);
}
