import { setMaxListeners } from "node:events";
import type { Lane } from "../../schemas/generated.js";
import { lanes } from "../../schemas/vocabulary.js";
import type { BucketShape, Buckets } from "../../stores/buckets/buckets.js";
import type { Clock } from "../../stores/clock.js";

interface Waiting {
  readonly lane: Lane;
  grant(): void;
}

/** The share of the burst that a lane leaves to those above it, so that an urgent message finds a token at once. */
const reserved: Readonly<Record<Lane, number>> = { critical: 0, high: 0.1, normal: 0.2, bulk: 0.4 };

/** A store that does not answer grants nothing, and is asked again after this; those that wait give up in their time. */
const unansweredMs = 250;

/**
 * The tokens of one provider's account, taken from the bucket that all processes share.
 * Those that wait are served by lane, then by arrival, and ask the bucket together.
 */
export class SendRate {
  private readonly queues: Readonly<Record<Lane, Set<Waiting>>> = {
    critical: new Set(),
    high: new Set(),
    normal: new Set(),
    bulk: new Set(),
  };
  private asking = false;
  private cancelPump: (() => void) | undefined;

  constructor(
    private readonly key: string,
    private shape: BucketShape,
    private readonly buckets: Buckets,
    private readonly clock: Clock,
  ) {}

  /** Resolves true with a token, false when none came within `patienceMs` or the signal aborted. */
  take(lane: Lane, patienceMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const queue = this.queues[lane];
      const end = (granted: boolean): void => {
        queue.delete(waiting);
        cancel();
        signal.removeEventListener("abort", giveUp);
        resolve(granted);
      };
      const giveUp = (): void => end(false);
      const waiting: Waiting = { lane, grant: () => end(true) };
      const cancel = this.clock.after(patienceMs, giveUp);
      setMaxListeners(0, signal); // as many wait for one signal as there are records in hand
      signal.addEventListener("abort", giveUp, { once: true });
      queue.add(waiting);
      if (!this.cancelPump) void this.pump();
    });
  }

  /** Holds everybody back, as the provider's Retry-After asks. */
  pause(ms: number): Promise<void> {
    return this.buckets.pause(this.key, ms);
  }

  reshape(perSecond: number): void {
    this.shape = { ...this.shape, perSecond };
  }

  private async pump(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    let nextMs: number | undefined;
    // those that came while the bucket was asked are served at once
    while (nextMs === undefined && lanes.some((lane) => this.queues[lane].size > 0)) {
      nextMs = await this.serve().catch(() => unansweredMs);
    }
    this.asking = false;
    if (nextMs === undefined) return;
    this.cancelPump = this.clock.after(nextMs, () => {
      this.cancelPump = undefined;
      void this.pump();
    });
  }

  /** Asks for all that wait, the most urgent first. Resolves with when to ask again, if anybody still waits. */
  private async serve(): Promise<number | undefined> {
    const { burst } = this.shape;
    let nextMs: number | undefined;
    for (const lane of lanes) {
      const waiting = [...this.queues[lane]];
      if (waiting.length === 0) continue;
      const want = Math.min(waiting.length, Math.max(1, Math.floor(burst)));
      const { granted, waitMs } = await this.buckets.take(this.key, want, this.shape, Math.min(burst * reserved[lane], burst - 1));
      for (const one of waiting.slice(0, granted)) one.grant();
      if (granted < waiting.length) nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, Math.max(waitMs, 1));
    }
    return nextMs;
  }
}
