import { setMaxListeners } from "node:events";
import type { Lane } from "../../schemas/generated.js";
import { lanes } from "../../schemas/vocabulary.js";
import type { BucketShape, Buckets } from "../../stores/buckets/buckets.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";

/** Takes what a send needs in addition to a token. Returns a function that gives it back, or undefined if there is none. */
export type Hold = () => (() => void) | undefined;

interface Waiting {
  /** Takes what the send needs; otherwise the record stops waiting. */
  hold(): boolean;
  release(): void;
  grant(): void;
}

const needsNothing: Hold = () => () => undefined;

/** The fraction of the burst that a lane leaves to more urgent lanes, so that an urgent message gets a token at once. */
const reserved: Readonly<Record<Lane, number>> = { critical: 0, high: 0.1, normal: 0.2, bulk: 0.4 };

/** A store that does not answer grants nothing, and is asked again after this. Waiting records give up on their own. */
const unansweredMs = 250;

/** Lets at most `most` records take what they need, in order of arrival. */
const holdFor = (waiting: readonly Waiting[], most: number): readonly Waiting[] => {
  const ready: Waiting[] = [];
  for (const one of waiting) {
    if (ready.length === most) break;
    if (one.hold()) ready.push(one);
  }
  return ready;
};

/**
 * Tokens for one provider's account, from the bucket that all processes share.
 * Waiting records are served by lane, then by arrival, and ask the bucket together.
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

  /**
   * Resolves true with a token, and with what `hold` took. Resolves false if `hold` found nothing, if no token came within `capacityWaitMs`,
   * or if the signal aborted.
   */
  take(lane: Lane, capacityWaitMs: number, signal: AbortSignal, hold = needsNothing): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const queue = this.queues[lane];
      let giveBack: (() => void) | undefined;
      const release = (): void => {
        giveBack?.();
        giveBack = undefined;
      };
      const end = (granted: boolean): void => {
        queue.delete(waiting);
        cancel();
        signal.removeEventListener("abort", giveUp);
        if (!granted) release();
        resolve(granted);
      };
      const giveUp = (): void => end(false);
      const waiting: Waiting = {
        hold: () => {
          giveBack = hold();
          if (!giveBack) giveUp();
          return giveBack !== undefined;
        },
        release,
        grant: () => end(true),
      };
      const cancel = startDeadline(capacityWaitMs, this.clock, giveUp);
      setMaxListeners(0, signal); // there are as many listeners as records in flight
      signal.addEventListener("abort", giveUp, { once: true });
      queue.add(waiting);
      if (!this.cancelPump) void this.pump();
    });
  }

  /** Pauses all sends, as the provider's Retry-After demands. */
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
    // records that arrived during the request are served at once
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

  /** Requests tokens for the waiting records, most urgent first. Resolves with the time of the next request if any still wait. */
  private async serve(): Promise<number | undefined> {
    const { burst } = this.shape;
    let nextMs: number | undefined;
    for (const lane of lanes) {
      const queue = this.queues[lane];
      const waiting = [...queue];
      const ready = holdFor(waiting, Math.max(1, Math.floor(burst)));
      if (ready.length === 0) continue;
      const waitMs = await this.grant(queue, ready, Math.min(burst * reserved[lane], burst - 1));
      if (waiting.some((one) => queue.has(one))) nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, Math.max(waitMs, 1));
    }
    return nextMs;
  }

  /** Requests tokens for records that hold what they need. Records without a token give it back and wait on. */
  private async grant(queue: ReadonlySet<Waiting>, ready: readonly Waiting[], reserve: number): Promise<number> {
    let tokens = 0;
    try {
      const { granted, waitMs } = await this.buckets.take(this.key, ready.length, this.shape, reserve);
      tokens = granted;
      return waitMs;
    } finally {
      // a token of a record that gave up goes to the next
      for (const one of ready.filter((each) => queue.has(each))) {
        tokens -= 1;
        if (tokens >= 0) one.grant();
        else one.release();
      }
    }
  }
}
