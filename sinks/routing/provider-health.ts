import type { SendOutcome } from "../../processors/provider.js";
import { Breaker, type BreakerPolicy, type BreakerState, breakerCells } from "./breaker.js";
import { type CallCounts, CallWindow, windowCells } from "./call-window.js";
import { RecentTimes, recentTimesCells } from "./recent-times.js";

export interface HealthPolicy {
  readonly breaker: BreakerPolicy;
  /** The span for error rates, in milliseconds. */
  readonly windowMs: number;
  /** With fewer calls in the span, health does not change. */
  readonly minCalls: number;
  /** A higher error rate reduces the weight. */
  readonly errorRate: number;
  /** A slower 90th percentile of receipts reduces the weight; null: it has no effect. */
  readonly slowReceiptMs: number | null;
  /** If as many calls as the breaker's failure limit stay unanswered for this long, no more are made until one is answered. */
  readonly stallMs: number;
  /** Minimum interval between changes of weight, in milliseconds. */
  readonly stepMs: number;
}

/** A provider's health in one process, as published to other processes and operators. */
export interface HealthSnapshot extends CallCounts {
  readonly at: number;
  readonly share: number;
  readonly breaker: BreakerState;
  readonly receiptP90Ms: number | null;
  /** Over the latest calls; null with too few calls. */
  readonly responseP50Ms: number | null;
  readonly responseP95Ms: number | null;
  readonly inFlight: number;
}

/** Index of each value outside the breaker, the window and the recent times. */
const own = { keeps: 0, steppedAtMs: 1, othersCalls: 2, othersFailures: 3 } as const;
const ownCells = 4;

/** Number of values for a provider's health. */
export const healthCells = ownCells + breakerCells + windowCells + 2 * recentTimesCells;

const step = 0.1;
const leastShare = 0.1;

/** What an outcome implies about the provider, as opposed to the message or its recipient. */
const judge = (outcome: SendOutcome): "well" | "ill" | "busy" => {
  if (outcome.kind === "accepted" || outcome.kind === "delivered") return "well";
  if (outcome.kind === "throttled") return "busy";
  const ownFault: readonly string[] = ["provider_unavailable", "provider_timeout", "account_rejected"];
  return ownFault.includes(outcome.reason) ? "ill" : "well";
};

/** A provider's health: its breaker, and the fraction of its weight that it keeps, which changes in steps of a tenth. */
export class ProviderHealth {
  readonly breaker: Breaker;
  private readonly window: CallWindow;
  private readonly receipts: RecentTimes;
  private readonly answers: RecentTimes;

  constructor(
    private readonly policy: HealthPolicy,
    private readonly now: () => number,
    /** `healthCells` numbers, initially 0, shared by all threads of a process. */
    private readonly cells: Float64Array = new Float64Array(healthCells),
  ) {
    let end = ownCells;
    const part = (count: number): Float64Array => {
      end += count;
      return cells.subarray(end - count, end);
    };
    this.breaker = new Breaker(policy.breaker, now, part(breakerCells));
    this.window = new CallWindow(policy.windowMs, now, part(windowCells));
    this.receipts = new RecentTimes(part(recentTimesCells));
    this.answers = new RecentTimes(part(recentTimesCells));
    if (this.cell("steppedAtMs") > 0) return; // another thread has initialized it
    this.set("keeps", 1);
    this.set("steppedAtMs", now());
  }

  /** The fraction of its weight that the provider keeps, 0.1 to 1. */
  get share(): number {
    if (this.now() - this.cell("steppedAtMs") >= this.policy.stepMs) this.step();
    return this.cell("keeps");
  }

  answered(outcome: SendOutcome, tookMs: number): void {
    this.answers.note(tookMs);
    const judged = judge(outcome);
    this.window.note(judged !== "ill");
    if (judged === "busy") this.breaker.withdraw();
    else this.breaker.record(judged === "well");
  }

  receiptCame(afterMs: number): void {
    this.receipts.note(afterMs);
  }

  /** Sets the other processes' counts for the same provider. */
  learn(others: CallCounts): void {
    this.set("othersCalls", others.calls);
    this.set("othersFailures", others.failures);
  }

  snapshot(inFlight: number): HealthSnapshot {
    const { calls, failures } = this.window.counts();
    return {
      at: this.now(),
      calls,
      failures,
      share: this.share,
      breaker: this.breaker.state,
      receiptP90Ms: this.receipts.percentile(0.9) ?? null,
      responseP50Ms: this.answers.percentile(0.5) ?? null,
      responseP95Ms: this.answers.percentile(0.95) ?? null,
      inFlight,
    };
  }

  private step(): void {
    const { stepMs } = this.policy;
    const steps = Math.floor((this.now() - this.cell("steppedAtMs")) / stepMs);
    this.set("steppedAtMs", this.cell("steppedAtMs") + steps * stepMs);
    // weight returns for every step that has passed; it drops by one step, because the observations are current
    const keeps = this.isIll() ? Math.max(leastShare, this.cell("keeps") - step) : Math.min(1, this.cell("keeps") + step * steps);
    this.set("keeps", Math.round(keeps * 10) / 10);
  }

  private isIll(): boolean {
    const counted = this.window.counts();
    const calls = counted.calls + this.cell("othersCalls");
    const failures = counted.failures + this.cell("othersFailures");
    if (calls >= this.policy.minCalls && failures / calls > this.policy.errorRate) return true;
    const { slowReceiptMs } = this.policy;
    const slow = slowReceiptMs !== null && (this.receipts.percentile(0.9) ?? 0) > slowReceiptMs;
    if (slow) this.receipts.clear();
    return slow;
  }

  private cell(name: keyof typeof own): number {
    return this.cells[own[name]] ?? 0;
  }

  private set(name: keyof typeof own, value: number): void {
    this.cells[own[name]] = value;
  }
}
