export interface BreakerPolicy {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** How long it stays open at first, in milliseconds; each further time twice as long. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Calls that are let through to see whether it went well again; so many successes close it. */
  readonly probes: number;
}

export type BreakerState = "closed" | "open" | "half_open";

/** How many numbers a breaker keeps. */
export const breakerCells = 5;
/** Where each of them lies. */
const at = { failuresInRow: 0, opened: 1, openUntilMs: 2, probing: 3, successes: 4 } as const;

/**
 * A circuit breaker: after failures in a row no call is made for a while, then a few to see.
 * Source: M. Nygard, Release It!, Circuit Breaker.
 */
export class Breaker {
  constructor(
    private readonly policy: BreakerPolicy,
    private readonly now: () => number,
    /** What it knows, `breakerCells` numbers: all threads of a process look at the same. */
    private readonly cells: Float64Array = new Float64Array(breakerCells),
  ) {}

  get state(): BreakerState {
    if (this.opened === 0) return "closed";
    return this.now() < this.openUntilMs ? "open" : "half_open";
  }

  /** When the next call may be let through, milliseconds since 1970 UTC. */
  get retryAtMs(): number {
    return this.state === "closed" ? this.now() : Math.max(this.openUntilMs, this.now() + this.policy.openMs / 10);
  }

  /** Whether a call may be made now; one that is must be told of by `record` or `withdraw`. */
  enter(): boolean {
    const { state } = this;
    if (state === "closed") return true;
    if (state === "open" || this.probing >= this.policy.probes) return false;
    this.probing += 1;
    return true;
  }

  /** The call was not made. */
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
    if (!opens) return; // answers of calls that were made before it opened change nothing
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

  /** How often it opened since it was closed. */
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
