import { CarillonError } from "../../schemas/errors.js";
import type { LogRecord, OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Timer } from "../../stores/timers/timers.js";
import { type Asking, isAsking, type Waiting } from "../ask.js";
import type { Wire } from "../builder.js";
import type { RecordInfo } from "../stage.js";
import type { AnyFamily } from "../topic-family.js";
import { assertReadable } from "./assert-readable.js";
import { type Effects, noEffects } from "./effects.js";
import type { Pass, Waiter } from "./pass.js";
import type { TraceInHand } from "./record-trace.js";
import { RecordView } from "./record-view.js";
import { checkTimer, promiseIn, waitingOf } from "./stage-checks.js";
import { decodeStage } from "./stage-deadline.js";
import { type HeldRun, StageHand } from "./stage-hand.js";
import type { EndedRun, Way } from "./way.js";

const parked = Symbol("parked");

const mostStepsAfterwards = 16;

/** One record in the stages of its sub-topology. It runs without a promise until it has to wait. */
export class RecordRun implements Waiter, HeldRun, EndedRun {
  readonly record: RecordInfo;
  readonly instance: string;
  /** Whether the record has ended, after which its results are ignored. */
  over = false;
  /** The decoded value, for the dead letter. */
  value: unknown;
  /** Index of the current stage; -1: decoding. */
  private at = -1;
  private stageBeganMs: number;
  private work: Asking<unknown> | undefined;
  private answers: PromiseSettledResult<unknown>[] = [];
  private missing = 0;
  /** Outputs are held back until the record ends, and are encoded once. */
  private readonly outputs: OutgoingRecord[] = [];
  private schedules: Timer[] = noEffects.schedules;
  private cancels: string[] = noEffects.cancels;
  private stop: AbortController | undefined;
  private stepsAfterwards = 0;
  private joining: Map<AnyFamily, unknown[]> | undefined;

  constructor(
    readonly index: number,
    readonly source: LogRecord,
    private readonly way: Way,
    private readonly stopped: AbortSignal,
    private readonly pass: Pass,
    readonly trace: TraceInHand,
    readonly beganMs: number,
  ) {
    this.record = new RecordView(source, way.queue);
    this.instance = way.instance;
    this.stageBeganMs = beganMs;
  }

  get effects(): Effects {
    const { outputs, schedules, cancels } = this;
    return { outputs, schedules, cancels };
  }

  get stage(): string {
    return this.way.stages[this.at]?.stage.name ?? decodeStage;
  }

  begin(): void {
    try {
      assertReadable(this.source);
      const decoded = this.way.codec.decode(this.source.value);
      if (decoded instanceof Promise) this.pass.wait(this, decoded);
      else this.goOn(decoded);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  answer(slot: number, answer: unknown, failed: boolean): void {
    if (slot < 0) {
      this.resume(answer, failed);
      return;
    }
    this.answers[slot] = failed ? { status: "rejected", reason: answer } : { status: "fulfilled", value: answer };
    this.missing -= 1;
    if (this.missing === 0) this.resume(this.answers, false);
  }

  expire(): void {
    const { stage, source } = this;
    const tookMs = Math.round(this.way.elapsed() - this.beganMs);
    // decoding waits only for the schema registry, for as long as that is unavailable
    const code = stage === decodeStage ? "UNAVAILABLE" : "STAGE_TIMEOUT";
    this.fail(new CarillonError(code, `${stage} exceeded its deadline on a record of ${source.topic} after ${tookMs} ms`));
  }

  /** Aborts when the partition is revoked or the record is given up. */
  get signal(): AbortSignal {
    if (!this.stop) {
      this.stop = new AbortController();
      if (this.over || this.stopped.aborted) this.stop.abort();
      else this.pass.abortWith(this.stop);
    }
    return this.stop.signal;
  }

  emit(at: number, port: string, value: unknown): void {
    const { to } = this.wireOf(at, port);
    const { join } = to.record;
    if (!join) {
      this.outputs.push(this.way.outgoing(to, value));
      return;
    }
    this.joining ??= new Map();
    const earlier = this.joining.get(to);
    if (earlier && join.fits(earlier[0], value)) {
      earlier.push(value);
      return;
    }
    if (earlier) this.outputs.push(this.way.outgoing(to, join.all(earlier)));
    this.joining.set(to, [value]);
  }

  schedule(at: number, port: string, value: unknown, { id, dueAtMs }: { readonly id: string; readonly dueAtMs: number }): void {
    const { timed, to } = this.wireOf(at, port);
    if (!timed) throw new CarillonError("TOPOLOGY_INVALID", `stage ${this.stage} declares no timers for its port ${port}`);
    checkTimer(id, dueAtMs);
    if (this.schedules === noEffects.schedules) this.schedules = [];
    this.schedules.push({ id, dueAtMs, record: this.way.outgoing(to, value) });
  }

  cancel(at: number, timerId: string): void {
    this.assertHeld(at);
    checkTimer(timerId, 0);
    if (this.cancels === noEffects.cancels) this.cancels = [];
    this.cancels.push(timerId);
  }

  private assertHeld(at: number): void {
    if (at === this.at && !this.over) return;
    const stage = this.way.stages[at]?.stage.name ?? decodeStage;
    throw new CarillonError("STAGE_FAILED", `${stage} emits, schedules or cancels for a record that it has already finished`, {
      fix: "await all work in the stage, and emit before it returns",
    });
  }

  private wireOf(at: number, port: string): Wire {
    this.assertHeld(at);
    const wire = this.way.stages[this.at]?.wires.get(port);
    if (!wire) throw new CarillonError("TOPOLOGY_INVALID", `stage ${this.stage} has no port ${port}`);
    return wire;
  }

  private resume(answer: unknown, failed: boolean): void {
    try {
      const { work } = this;
      if (work && this.over && !this.mayGoOn()) this.close(work);
      else if (work) this.goOn(this.stepped(failed ? work.throw(answer) : work.next(answer)));
      else if (failed) this.fail(answer);
      else this.goOn(answer);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** Continues with the value that decoding or the current stage has yielded. */
  private goOn(yielded: unknown): void {
    const { stages } = this.way;
    let value = yielded;
    while (value !== parked) {
      if (this.over) return;
      if (this.at < 0) this.value = value;
      else this.passStage();
      if (value === undefined || this.at === stages.length - 1) {
        this.finish();
        return;
      }
      this.at += 1;
      value = this.started(stages[this.at]?.stage.process(value, new StageHand(this, this.at, this.way.now)));
    }
  }

  private passStage(): void {
    const endMs = this.way.elapsed();
    const { stage } = this;
    this.way.passed(stage, endMs - this.stageBeganMs);
    this.trace.stage(stage, endMs - this.stageBeganMs, false);
    this.stageBeganMs = endMs;
  }

  private started(result: unknown): unknown {
    if (result instanceof Promise) {
      this.pass.wait(this, result);
      return parked;
    }
    if (!isAsking(result)) {
      const promise = promiseIn(result);
      return promise ? this.started(promise) : result;
    }
    this.work = result;
    return this.stepped(result.next());
  }

  private stepped(first: IteratorResult<Waiting, unknown>): unknown {
    let step = first;
    for (; !step.done; step = (this.work as Asking<unknown>).next([])) {
      const waitedFor = waitingOf(step.value);
      const isList = Array.isArray(waitedFor);
      if (isList) this.answers = [];
      this.missing = isList ? waitedFor.length : 1;
      if (this.missing === 0) continue;
      this.pass.wait(this, waitedFor);
      return parked;
    }
    this.work = undefined;
    return this.started(step.value);
  }

  /** Work that was given up may finish a started step, such as recording a provider's answer, but may not run indefinitely. */
  private mayGoOn(): boolean {
    this.stepsAfterwards += 1;
    return this.stepsAfterwards <= mostStepsAfterwards;
  }

  /** Ends a stage's work at its current wait, so that its `finally` runs. */
  private close(work: Asking<unknown>): void {
    this.work = undefined;
    work.return(undefined);
  }

  private finish(): void {
    if (this.joining)
      for (const [family, values] of this.joining)
        this.outputs.push(this.way.outgoing(family, family.record.join?.all(values) ?? values[0]));
    this.end();
    this.way.ended(this);
  }

  private end(): void {
    this.over = true;
    this.pass.leave(this);
    if (this.stop) this.pass.forget(this.stop);
  }

  private fail(thrown: unknown): void {
    if (this.over) return;
    this.end();
    this.stop?.abort();
    this.way.failed(this, thrown);
  }
}
