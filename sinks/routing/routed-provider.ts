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
import { createSilenceWatch, type SilenceWatch } from "./silence-watch.js";
import { type Slot, Slots } from "./slots.js";

export interface ProviderLimits {
  /** Sends per second for the account, across all processes. null: the rate that the provider reports, or no limit. */
  readonly perSecond: number | null;
  /** Most sends at once after a pause; null: one second's worth. */
  readonly burst: number | null;
  /** Most calls in flight in this process, in total and per tenant. */
  readonly inFlight: number;
  readonly inFlightPerTenant: number | null;
}

export interface Refusal extends Wait {
  /** Capacity may become free at any moment. */
  readonly busy?: true;
}

export type Entry = Place | Refusal;

const learnEveryMs = 3_600_000;
const [leastPerSecond, mostPerSecond] = [0.1, 1_000_000];

/** Index of each value of a provider in addition to its health. */
const own = { pausedUntilMs: 0, silentAtMs: 1 } as const;

/** Number of values stored per provider. */
export const routedCells = healthCells + 2;

/** A provider with its limits and its health in this process. */
export class RoutedProvider {
  private readonly health: ProviderHealth;
  private readonly slots: Slots;
  private readonly rate: SendRate | undefined;
  private readonly cells: Float64Array;
  private readonly silence: SilenceWatch;
  private learntAtMs: number | undefined;

  constructor(
    private readonly provider: Provider,
    { perSecond, burst, inFlight, inFlightPerTenant }: ProviderLimits,
    private readonly policy: HealthPolicy,
    buckets: Buckets,
    private readonly clock: Clock,
    private readonly observer: {
      /** Called when capacity becomes free. `others`: another thread is waiting and has priority. */
      freed(others: boolean): void;
      /** Called with the outcome of each call. */
      called(provider: Provider, outcome: SendOutcome, tookMs: number): void;
    },
    private readonly memory: ProviderMemory = createLocalMemory(routedCells),
    /** The provider's index in the process. */
    number = 0,
  ) {
    const cells = memory.cellsOf(number);
    this.cells = cells.subarray(healthCells);
    this.health = new ProviderHealth(policy, clock.now, cells.subarray(0, healthCells));
    const most = Math.min(inFlight, provider.maxConcurrency ?? inFlight);
    this.slots = new Slots(most, inFlightPerTenant ?? most, memory.countsOf(number));
    this.silence = createSilenceWatch(this.slots, policy, clock, () => memory.hold(() => this.set("silentAtMs", clock.now())));
    // until the provider has reported its rate, one per second, which every account allows
    const known = perSecond ?? (provider.sendRate ? 1 : undefined);
    const learns = perSecond === null && provider.sendRate !== undefined;
    if (known) this.rate = new SendRate(keys.buckets.provider(provider.name), { perSecond: known, burst: burst ?? known }, buckets, clock);
    if (!learns) this.learntAtMs = Number.POSITIVE_INFINITY;
  }

  get inFlight(): number {
    return this.slots.taken;
  }

  /** Whether it would accept a message now, without asking the store. */
  get open(): boolean {
    return this.memory.hold(() => this.health.breaker.state !== "open" && this.cell("pausedUntilMs") <= this.clock.now());
  }

  /** The fraction of its weight that the provider keeps, 0.1 to 1. */
  get share(): number {
    return this.memory.hold(() => this.health.share);
  }

  snapshot(): HealthSnapshot {
    return this.memory.hold(() => this.health.snapshot(this.inFlight));
  }

  /** Sets the other processes' counts for the same provider. */
  learn(others: CallCounts): void {
    this.memory.hold(() => this.health.learn(others));
  }

  receiptCame(afterMs: number): void {
    this.memory.hold(() => this.health.receiptCame(afterMs));
  }

  /** Notifies other threads that this one waits for capacity, if there is none. Returns a function that ends the wait. */
  wait(): () => void {
    return this.slots.wait();
  }

  /** Enters immediately, or after waiting at most `capacityWaitMs` for a token. */
  enter(command: DispatchCommand, capacityWaitMs: number, stop: { readonly signal: AbortSignal }): Entry | Promise<Entry> {
    const { rate, memory } = this;
    if (!rate) {
      return memory.hold(() => {
        const held = this.hold(command);
        return "slot" in held ? this.begin(held.slot) : held;
      });
    }
    return memory.hold(() => this.isIll()) ?? this.awaitToken(rate, command, capacityWaitMs, stop.signal);
  }

  /** Holds a slot and, if the circuit is half open, a probe. */
  private hold(command: DispatchCommand): { readonly slot: Slot } | Refusal {
    const ill = this.isIll();
    if (ill) return ill;
    const slot = this.slots.hold(command.tenant);
    const { name } = this.provider;
    if (!slot) {
      return this.refusal("provider_throttled", `${name} has reached its limit of calls in flight`, 1_000, true);
    }
    if (this.health.breaker.enter()) return { slot };
    this.slots.leave(slot);
    return this.refusal(
      "provider_unavailable",
      `${name} failed repeatedly: Carillon is probing it`,
      this.health.breaker.retryAtMs - this.clock.now(),
    );
  }

  private begin(slot: Slot): Place {
    this.slots.begin(slot, this.clock.now());
    this.silence.began();
    return this.place(slot);
  }

  /** Gives back a held slot in which no call began. */
  private release(slot: Slot): void {
    const othersTurn = this.memory.hold(() => {
      this.slots.leave(slot);
      this.health.breaker.withdraw();
      return this.slots.isOthersTurn;
    });
    this.observer.freed(othersTurn);
  }

  /** Why the provider accepts no call now, from any caller. */
  private isIll(): Refusal | undefined {
    const { name } = this.provider;
    const { breaker } = this.health;
    const nowMs = this.clock.now();
    const pausedUntilMs = this.cell("pausedUntilMs");
    if (pausedUntilMs > nowMs) return this.refusal("provider_throttled", `${name} requested a pause`, pausedUntilMs - nowMs);
    const { stallMs } = this.policy;
    // each thread repeats at least that often that its calls are unanswered
    if (nowMs - this.cell("silentAtMs") < stallMs) return this.refusal("provider_unavailable", `${name} does not respond`, stallMs);
    if (breaker.state !== "open") return undefined;
    return this.refusal("provider_unavailable", `${name} failed repeatedly: its circuit breaker is open`, breaker.retryAtMs - nowMs);
  }

  private refusal(reason: Refusal["reason"], detail: string, inMs: number, busy?: true): Refusal {
    return { reason, detail, untilMs: this.clock.now() + inMs, ...(busy ? { busy } : {}) };
  }

  /** A token is requested only for a record that holds a slot, so that no token is lost for lack of one. */
  private async awaitToken(rate: SendRate, command: DispatchCommand, capacityWaitMs: number, signal: AbortSignal): Promise<Entry> {
    this.learnRate(rate);
    let refusal: Refusal | undefined;
    let slot: Slot | undefined;
    const hold = (): (() => void) | undefined => {
      const held = this.memory.hold(() => this.hold(command));
      if (!("slot" in held)) {
        refusal = held;
        return undefined;
      }
      slot = held.slot;
      return () => this.release(held.slot);
    };
    const granted = await rate.take(command.lane, capacityWaitMs, signal, hold);
    if (refusal) return refusal;
    if (!granted || !slot) return this.refusal("provider_throttled", `${this.provider.name} has reached its rate limit`, 1_000);
    const held = slot;
    const entry = this.memory.hold(() => this.isIll() ?? this.begin(held));
    if (!entry.provider) this.release(held); // it failed or asked for a pause in the meantime
    return entry;
  }

  private place(slot: Slot): Place {
    let left = false;
    return {
      provider: this.provider,
      leave: (outcome, tookMs = 0) => {
        if (left) return;
        left = true;
        // a message for which no request could be built says nothing about the provider
        const called = outcome && !("notSent" in outcome && outcome.notSent) ? outcome : undefined;
        const othersTurn = this.memory.hold(() => {
          this.slots.leave(slot);
          this.silence.ended();
          this.set("silentAtMs", 0);
          if (called && !("stalled" in called && called.stalled)) this.answered(called, tookMs);
          else this.health.breaker.withdraw();
          return this.slots.isOthersTurn;
        });
        this.observer.freed(othersTurn);
        if (called) this.observer.called(this.provider, called, tookMs);
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
      // a provider's number changes the rate only if it is valid
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
