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

/**
 * A circuit breaker: after failures in a row no call is made for a while, then a few to see.
 * Source: M. Nygard, Release It!, Circuit Breaker.
 */
export class Breaker {
  private failuresInRow = 0;
  private opened = 0;
  private openUntilMs = 0;
  private probing = 0;
  private successes = 0;

  constructor(
    private readonly policy: BreakerPolicy,
    private readonly now: () => number,
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
}
