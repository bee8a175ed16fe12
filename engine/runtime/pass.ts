import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";
import type { AskMany, Question, Waiting } from "../ask.js";

/** A record in progress, from the viewpoint of the `Pass`. */
export interface Waiter {
  /** When it started, on the clock's elapsed time. */
  readonly beganMs: number;
  /** Whether it was given up. Then there is no deadline for its remaining answers. */
  readonly over: boolean;
  /** Continues the record. `slot`: the index among several answers; -1: the only one. */
  answer(slot: number, answer: unknown, failed: boolean): void;
  /** Called when the record exceeds its time limit. */
  expire(): void;
}

interface Asked {
  readonly requests: unknown[];
  readonly waiters: Waiter[];
  readonly slots: number[];
}

const answersOf = async (of: AskMany<never, unknown>, requests: readonly unknown[]): Promise<readonly unknown[]> => {
  // a copy: a store may change its list
  const answers: unknown = await of([...requests] as never[]);
  if (!Array.isArray(answers)) throw new Error("a store must return a list with one answer per request");
  if (answers.length !== requests.length) throw new Error(`${requests.length} requests, but ${answers.length} answers`);
  return answers;
};

export interface PassOptions {
  readonly clock: Pick<Clock, "elapsed" | "after">;
  /** Aborts when the batch's partition is revoked. */
  readonly signal: AbortSignal;
  /** Time limit of one record. */
  readonly timeoutMs: number;
  /** Called after each turn in which records continued. */
  readonly turned: () => void;
}

/**
 * Everything that a batch's records wait for. Questions of one kind that accumulate while records run are asked together, and one timer
 * serves all deadlines.
 */
export class Pass {
  private questions = new Map<AskMany<never, unknown>, Asked>();
  /** The waiting records, longest first. */
  private readonly waiting = new Set<Waiter>();
  private readonly stops = new Set<AbortController>();
  private turning = false;
  private closed = false;
  private cancelDeadline: (() => void) | undefined;

  constructor(private readonly options: PassOptions) {}

  /** Continues the record when the awaited answer arrives. */
  wait(waiter: Waiter, waitedFor: Waiting): void {
    if (!waiter.over && !this.closed) this.waiting.add(waiter);
    if (waitedFor instanceof Promise) this.answerSettled(waitedFor, (answer, failed) => waiter.answer(-1, answer, failed));
    else if ("of" in waitedFor) this.gather(waiter, waitedFor, -1);
    else for (const [slot, question] of waitedFor.entries()) this.gather(waiter, question, slot);
  }

  /** Aborts the controller when the batch's partition is revoked. One listener serves all records. */
  abortWith(stop: AbortController): void {
    if (this.stops.size === 0) this.options.signal.addEventListener("abort", this.abortAll, { once: true });
    this.stops.add(stop);
  }

  forget(stop: AbortController): void {
    this.stops.delete(stop);
    if (this.stops.size === 0) this.options.signal.removeEventListener("abort", this.abortAll);
  }

  /** Removes a record that has ended or was given up. */
  leave(waiter: Waiter): void {
    this.waiting.delete(waiter);
  }

  /** Asks all accumulated questions. */
  flush(): void {
    if (this.waiting.size > 0) this.keepDeadline();
    if (this.questions.size === 0) return;
    const { questions } = this;
    this.questions = new Map();
    for (const [of, asked] of questions) this.put(of, asked);
  }

  /** Stops waiting for anything. */
  close(): void {
    this.closed = true;
    this.cancelDeadline?.();
    this.cancelDeadline = undefined;
    this.waiting.clear();
  }

  private readonly abortAll = (): void => {
    for (const stop of this.stops) stop.abort();
    this.stops.clear();
  };

  private gather(waiter: Waiter, { of, request }: Question, slot: number): void {
    let asked = this.questions.get(of);
    if (!asked) {
      asked = { requests: [], waiters: [], slots: [] };
      this.questions.set(of, asked);
    }
    asked.requests.push(request);
    asked.waiters.push(waiter);
    asked.slots.push(slot);
  }

  private put(of: AskMany<never, unknown>, { requests, waiters, slots }: Asked): void {
    const tell = (index: number, answer: unknown, failed: boolean): void => waiters[index]?.answer(slots[index] ?? -1, answer, failed);
    answersOf(of, requests).then(
      (answers) => {
        for (const index of waiters.keys()) tell(index, answers[index], false);
        this.turn();
      },
      (error: unknown) => {
        // an unavailable store fails all questions; any other error may come from one question and must not fail the others
        const isOfAll = requests.length === 1 || (error instanceof CarillonError && error.code === "UNAVAILABLE");
        if (!isOfAll) {
          for (const [index, request] of requests.entries()) {
            const asking = answersOf(of, [request]).then(([answer]) => answer);
            this.answerSettled(asking, (answer, failed) => tell(index, answer, failed));
          }
          return;
        }
        for (const index of waiters.keys()) tell(index, error, true);
        this.turn();
      },
    );
  }

  private answerSettled(promise: Promise<unknown>, tell: (answer: unknown, failed: boolean) => void): void {
    promise.then(
      (value) => {
        tell(value, false);
        this.turnSoon();
      },
      (error: unknown) => {
        tell(error, true);
        this.turnSoon();
      },
    );
  }

  /** Promises that settle at the same moment continue in one turn. */
  private turnSoon(): void {
    if (this.turning) return;
    this.turning = true;
    queueMicrotask(() => {
      this.turning = false;
      this.turn();
    });
  }

  private turn(): void {
    this.options.turned();
    this.flush();
  }

  private keepDeadline(): void {
    if (this.cancelDeadline) return;
    const { clock, timeoutMs } = this.options;
    const [oldest] = this.waiting;
    const inMs = oldest ? Math.max(oldest.beganMs + timeoutMs - clock.elapsed(), 0) : timeoutMs;
    const end = (): void => {
      this.cancelDeadline = undefined;
      const latest = clock.elapsed() - timeoutMs;
      const late = [...this.waiting].filter(({ beganMs }) => beganMs <= latest);
      for (const waiter of late) waiter.expire();
      this.turn();
    };
    // answers that arrived during a stall of this process are read first, and no record is given up for the stall
    this.cancelDeadline = startDeadline(inMs, clock, end, timeoutMs);
  }
}
