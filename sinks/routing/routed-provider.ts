import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Place, Wait } from "../../processors/routing.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import type { Buckets } from "../../stores/buckets/buckets.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import { type HealthPolicy, ProviderHealth } from "./provider-health.js";
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

/** A provider with what limits it and how it fares in this process. */
export class RoutedProvider {
  readonly health: ProviderHealth;
  private readonly slots: Slots;
  private readonly rate: SendRate | undefined;
  private pausedUntilMs = 0;
  private learntAtMs: number | undefined;

  constructor(
    private readonly provider: Provider,
    { perSecond, burst, inFlight, inFlightPerTenant }: ProviderLimits,
    private readonly policy: HealthPolicy,
    buckets: Buckets,
    private readonly clock: Clock,
    private readonly told: {
      /** Whenever there is room again. */
      freed(): void;
      /** What came of a call. */
      called(provider: Provider, outcome: SendOutcome, tookMs: number): void;
    },
  ) {
    this.health = new ProviderHealth(policy, clock.now);
    const most = Math.min(inFlight, provider.mostAtOnce ?? inFlight);
    this.slots = new Slots(most, inFlightPerTenant ?? most);
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
    return this.health.breaker.state !== "open" && this.pausedUntilMs <= this.clock.now();
  }

  /** Enters at once, or after a wait for a token of at most `patienceMs`. */
  enter(command: DispatchCommand, patienceMs: number, signal: AbortSignal): Entry | Promise<Entry> {
    if (!this.rate) return this.enterNow(command);
    return this.isIll() ?? this.awaitToken(this.rate, command, patienceMs, signal);
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
    if (this.pausedUntilMs > nowMs) return this.refusal("provider_throttled", `${name} asked for a pause`, this.pausedUntilMs - nowMs);
    if (this.slots.hasOlder(this.policy.breaker.failures, nowMs - this.policy.stallMs))
      return this.refusal("provider_unavailable", `${name} does not answer`, this.policy.stallMs);
    if (breaker.state !== "open") return undefined;
    return this.refusal("provider_unavailable", `${name} failed again and again: its circuit breaker is open`, breaker.retryAtMs - nowMs);
  }

  private refusal(reason: Refusal["reason"], detail: string, inMs: number, busy?: true): Refusal {
    return { reason, detail, untilMs: this.clock.now() + inMs, ...(busy ? { busy } : {}) };
  }

  private async awaitToken(rate: SendRate, command: DispatchCommand, patienceMs: number, signal: AbortSignal): Promise<Entry> {
    this.learnRate(rate);
    if (await rate.take(command.lane, patienceMs, signal)) return this.enterNow(command);
    return this.refusal("provider_throttled", `${this.provider.name} is sent as much as its rate allows`, 1_000);
  }

  private place(slot: Slot): Place {
    let left = false;
    return {
      provider: this.provider,
      leave: (outcome, tookMs = 0) => {
        if (left) return;
        left = true;
        this.slots.leave(slot);
        // a message of which no request could be made says nothing about the provider
        const called = outcome && !("notSent" in outcome && outcome.notSent) ? outcome : undefined;
        if (called) this.answered(called, tookMs);
        else this.health.breaker.withdraw();
        this.told.freed();
        if (called) this.told.called(this.provider, called, tookMs);
      },
    };
  }

  private answered(outcome: SendOutcome, tookMs: number): void {
    this.health.answered(outcome, tookMs);
    if (outcome.kind !== "throttled" || outcome.ofRecipient || !outcome.retryAfterMs) return;
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.clock.now() + outcome.retryAfterMs);
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
}
