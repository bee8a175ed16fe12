export interface BreakerPolicy {
  /** This many consecutive failures open the circuit. */
  readonly failures: number;
  /** How long it stays open at first, in milliseconds. The time doubles with each further opening. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Probe calls allowed in the half-open state. This many successes close the circuit. */
  readonly probes: number;
}

export type BreakerState = "closed" | "open" | "half_open";

/** Number of values that a breaker stores. */
export const breakerCells = 5;
/** Index of each value. */
const at = { failuresInRow: 0, opened: 1, openUntilMs: 2, probing: 3, successes: 4 } as const;

/**
 * A circuit breaker: consecutive failures stop all calls for a while, then a few probe calls are allowed.
 * Source: M. Nygard, Release It!, Circuit Breaker.
 */
export class Breaker {
  constructor(
    private readonly policy: BreakerPolicy,
    private readonly now: () => number,
    /** The breaker's state in `breakerCells` numbers, shared by all threads of a process. */
    private readonly cells: Float64Array = new Float64Array(breakerCells),
  ) {}

  get state(): BreakerState {
    if (this.opened === 0) return "closed";
    return this.now() < this.openUntilMs ? "open" : "half_open";
  }

  /** Earliest time of the next call, in milliseconds since 1970 UTC. */
  get retryAtMs(): number {
    return this.state === "closed" ? this.now() : Math.max(this.openUntilMs, this.now() + this.policy.openMs / 10);
  }

  /** Whether a call may be made now. If so, the caller must call `record` or `withdraw` afterwards. */
  enter(): boolean {
    const { state } = this;
    if (state === "closed") return true;
    if (state === "open" || this.probing >= this.policy.probes) return false;
    this.probing += 1;
    return true;
  }

  /** Call if the call was not made. */
  withdraw(): void {
    this.probing = Math.max(0, this.probing - 1);
  }

  record(ok: boolean): void {
    this.probing = Math.max(0, this.probing - 1);
    if (ok) this.succeed();
    else this.fail();
  }

  private succeed(): void {
    this.failuresInRow = 0;
    if (this.state !== "half_open") return;
    this.successes += 1;
    if (this.successes < this.policy.probes) return;
    this.opened = 0;
    this.successes = 0;
  }

  private fail(): void {
    this.failuresInRow += 1;
    const { failures, openMs, maxOpenMs } = this.policy;
    const opens = this.state === "half_open" || (this.state === "closed" && this.failuresInRow >= failures);
    if (!opens) return; // results of calls that were made before the circuit opened change nothing
    this.openUntilMs = this.now() + Math.min(openMs * 2 ** this.opened, maxOpenMs);
    this.opened += 1;
    this.successes = 0;
    this.failuresInRow = 0;
  }

  private get failuresInRow(): number {
    return this.cells[at.failuresInRow] ?? 0;
  }

  private set failuresInRow(count: number) {
    this.cells[at.failuresInRow] = count;
  }

  /** Number of openings since it was last closed. */
  private get opened(): number {
    return this.cells[at.opened] ?? 0;
  }

  private set opened(count: number) {
    this.cells[at.opened] = count;
  }

  private get openUntilMs(): number {
    return this.cells[at.openUntilMs] ?? 0;
  }

  private set openUntilMs(ms: number) {
    this.cells[at.openUntilMs] = ms;
  }

  private get probing(): number {
    return this.cells[at.probing] ?? 0;
  }

  private set probing(count: number) {
    this.cells[at.probing] = count;
  }

  private get successes(): number {
    return this.cells[at.successes] ?? 0;
  }

  private set successes(count: number) {
    this.cells[at.successes] = count;
  }
}
