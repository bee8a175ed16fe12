import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Place, Wait } from "../../processors/routing.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import type { Buckets } from "../../stores/buckets/buckets.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import type { CallCounts } from "./call-window.js";
import { type HealthPolicy, type HealthSnapshot, healthCells, ProviderHealth } from "./provider-health.js";
import { createLocalMemory, type ProviderMemory } from "./provider-memory.js";
import { SendRate } from "./send-rate.js";
import { type Slot, Slots } from "./slots.js";

export interface ProviderLimits {
  /** Sends a second of the account, over all processes; null: what the provider itself tells, else no limit. */
  readonly perSecond: number | null;
  /** How many may go at once after a pause; null: a second's. */
  readonly burst: number | null;
  /** Calls in hand at once in this process, in all and of one tenant. */
  readonly inFlight: number;
  readonly inFlightPerTenant: number | null;
}

export interface Refusal extends Wait {
  /** Room may come at any moment. */
  readonly busy?: true;
}

export type Entry = Place | Refusal;

const learnEveryMs = 3_600_000;
const [leastPerSecond, mostPerSecond] = [0.1, 1_000_000];

/** Numbers that a provider has besides those of its health, and where they lie. */
const own = { pausedUntilMs: 0, stalledAtMs: 1 } as const;

/** How many numbers are kept of a provider. */
export const routedCells = healthCells + 2;

/** A provider with what limits it and how it fares in this process. */
export class RoutedProvider {
  private readonly health: ProviderHealth;
  private readonly slots: Slots;
  private readonly rate: SendRate | undefined;
  private readonly cells: Float64Array;
  private learntAtMs: number | undefined;

  constructor(
    private readonly provider: Provider,
    { perSecond, burst, inFlight, inFlightPerTenant }: ProviderLimits,
    private readonly policy: HealthPolicy,
    buckets: Buckets,
    private readonly clock: Clock,
    private readonly told: {
      /** Whenever there is room again; `others`: a thread that waits for it goes first, other than this one. */
      freed(others: boolean): void;
      /** What came of a call. */
      called(provider: Provider, outcome: SendOutcome, tookMs: number): void;
    },
    private readonly memory: ProviderMemory = createLocalMemory(routedCells),
    /** Its number among the providers of the process. */
    number = 0,
  ) {
    const cells = memory.cellsOf(number);
    this.cells = cells.subarray(healthCells);
    this.health = new ProviderHealth(policy, clock.now, cells.subarray(0, healthCells));
    const most = Math.min(inFlight, provider.mostAtOnce ?? inFlight);
    this.slots = new Slots(most, inFlightPerTenant ?? most, memory.countsOf(number));
    // until the provider has told its rate, one a second is what every account may
    const known = perSecond ?? (provider.sendRate ? 1 : undefined);
    const learns = perSecond === null && provider.sendRate !== undefined;
    if (known) this.rate = new SendRate(keys.buckets.provider(provider.name), { perSecond: known, burst: burst ?? known }, buckets, clock);
    if (!learns) this.learntAtMs = Number.POSITIVE_INFINITY;
  }

  get inFlight(): number {
    return this.slots.taken;
  }

  /** Whether it would take a message now, as far as can be said without asking. */
  get open(): boolean {
    return this.memory.hold(() => this.health.breaker.state !== "open" && this.cell("pausedUntilMs") <= this.clock.now());
  }

  /** The share of its weight that it keeps, 0.1 to 1. */
  get share(): number {
    return this.memory.hold(() => this.health.share);
  }

  snapshot(): HealthSnapshot {
    return this.memory.hold(() => this.health.snapshot(this.inFlight));
  }

  /** What other processes count of the same provider. */
  learn(others: CallCounts): void {
    this.memory.hold(() => this.health.learn(others));
  }

  receiptCame(afterMs: number): void {
    this.memory.hold(() => this.health.receiptCame(afterMs));
  }

  /** Lets other threads know that this one waits for room here, where there is none. Returns what ends that. */
  wait(): () => void {
    return this.slots.wait();
  }

  /** Enters at once, or after a wait for a token of at most `patienceMs`. */
  enter(command: DispatchCommand, patienceMs: number, stop: { readonly signal: AbortSignal }): Entry | Promise<Entry> {
    const { rate, memory } = this;
    if (!rate) return memory.hold(() => this.enterNow(command));
    return memory.hold(() => this.isIll()) ?? this.awaitToken(rate, command, patienceMs, stop.signal);
  }

  private enterNow(command: DispatchCommand): Entry {
    const ill = this.isIll();
    if (ill) return ill;
    const slot = this.slots.enter(command.tenant, this.clock.now());
    const { name } = this.provider;
    if (!slot) {
      return this.refusal("provider_throttled", `${name} has as many calls in hand as it may`, 1_000, true);
    }
    if (this.health.breaker.enter()) return this.place(slot);
    this.slots.leave(slot);
    return this.refusal(
      "provider_unavailable",
      `${name} failed again and again: it is being tried`,
      this.health.breaker.retryAtMs - this.clock.now(),
    );
  }

  /** Why it takes nothing now, whoever asks. */
  private isIll(): Refusal | undefined {
    const { name } = this.provider;
    const { breaker } = this.health;
    const nowMs = this.clock.now();
    const pausedUntilMs = this.cell("pausedUntilMs");
    if (pausedUntilMs > nowMs) return this.refusal("provider_throttled", `${name} asked for a pause`, pausedUntilMs - nowMs);
    if (this.isStalled(nowMs)) return this.refusal("provider_unavailable", `${name} does not answer`, this.policy.stallMs);
    if (breaker.state !== "open") return undefined;
    return this.refusal("provider_unavailable", `${name} failed again and again: its circuit breaker is open`, breaker.retryAtMs - nowMs);
  }

  /** Whether too many calls of this thread have no answer, or another thread found so a moment ago. */
  private isStalled(nowMs: number): boolean {
    const { breaker, stallMs } = this.policy;
    if (this.slots.hasOlder(breaker.failures, nowMs - stallMs)) this.set("stalledAtMs", nowMs);
    const stalledAtMs = this.cell("stalledAtMs");
    return stalledAtMs > 0 && nowMs - stalledAtMs < stallMs;
  }

  private refusal(reason: Refusal["reason"], detail: string, inMs: number, busy?: true): Refusal {
    return { reason, detail, untilMs: this.clock.now() + inMs, ...(busy ? { busy } : {}) };
  }

  private async awaitToken(rate: SendRate, command: DispatchCommand, patienceMs: number, signal: AbortSignal): Promise<Entry> {
    this.learnRate(rate);
    if (await rate.take(command.lane, patienceMs, signal)) return this.memory.hold(() => this.enterNow(command));
    return this.refusal("provider_throttled", `${this.provider.name} is sent as much as its rate allows`, 1_000);
  }

  private place(slot: Slot): Place {
    let left = false;
    return {
      provider: this.provider,
      leave: (outcome, tookMs = 0) => {
        if (left) return;
        left = true;
        // a message of which no request could be made says nothing about the provider
        const called = outcome && !("notSent" in outcome && outcome.notSent) ? outcome : undefined;
        const othersTurn = this.memory.hold(() => {
          this.slots.leave(slot);
          this.set("stalledAtMs", 0);
          if (called) this.answered(called, tookMs);
          else this.health.breaker.withdraw();
          return this.slots.isOthersTurn;
        });
        this.told.freed(othersTurn);
        if (called) this.told.called(this.provider, called, tookMs);
      },
    };
  }

  private answered(outcome: SendOutcome, tookMs: number): void {
    this.health.answered(outcome, tookMs);
    if (outcome.kind !== "throttled" || outcome.ofRecipient || !outcome.retryAfterMs) return;
    this.set("pausedUntilMs", Math.max(this.cell("pausedUntilMs"), this.clock.now() + outcome.retryAfterMs));
    this.rate?.pause(outcome.retryAfterMs).catch(() => undefined); // this process pauses anyway
  }

  private learnRate(rate: SendRate): void {
    if (this.learntAtMs !== undefined && this.clock.now() - this.learntAtMs < learnEveryMs) return;
    this.learntAtMs = this.clock.now();
    const learn = async (): Promise<void> => {
      const perSecond = await this.provider.sendRate?.();
      // a foreign number becomes our schedule only where it can be a rate
      if (perSecond !== undefined && perSecond > 0) rate.reshape(Math.min(Math.max(perSecond, leastPerSecond), mostPerSecond));
    };
    learn().catch(() => {
      this.learntAtMs = undefined; // the next send asks again
    });
  }

  private cell(name: keyof typeof own): number {
    return this.cells[own[name]] ?? 0;
  }

  private set(name: keyof typeof own, value: number): void {
    this.cells[own[name]] = value;
  }
}
