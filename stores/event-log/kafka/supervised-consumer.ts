import { CarillonError, carillonErrorOf } from "../../../schemas/errors.js";
import type { Clock } from "../../clock.js";

/** One consumer of a group, which may end without being stopped. */
export interface EndingConsumer {
  /** Whether it is a member of its group, judging by its last heartbeats. */
  isLiving(): boolean;
  /** Resolves with the reason when the consumer ends without having been stopped. Never rejects. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export interface SupervisedConsumer {
  isLiving(): boolean;
  /** Why the consumer last ended or could not restart. Undefined while it is alive, or if it gave no reason. */
  trouble(): CarillonError | undefined;
  stop(): Promise<void>;
}

export interface SupervisionOptions {
  /** Creates and starts a consumer. */
  readonly start: () => Promise<EndingConsumer>;
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  /** A consumer that has not been a group member for this long is replaced, even if it reports no error. */
  readonly silentMs: number;
}

const lookEveryMs = 1_000;
/** How long a consumer that ended may take to release its partitions before its successor starts anyway. */
const letGoWithinMs = 30_000;
const [leastPauseMs, mostPauseMs] = [500, 30_000];
/** A successor that lacks permissions ends at once, so a consumer counts as alive only after this time. */
const provenAfterMs = 2_000;
/** The end of a consumer that has lived this long resets the pauses to the shortest. */
const wellAfterMs = 60_000;

const pauseMs = (failures: number): number => Math.min(leastPauseMs * 2 ** Math.min(failures, 10), mostPauseMs);

class Supervision implements SupervisedConsumer {
  private readonly stopping = new AbortController();
  private why: CarillonError | undefined;
  /** When the current consumer started. The first one counts as alive at once. */
  private beganAtMs = Number.NEGATIVE_INFINITY;
  private watching: Promise<void>;
  private closing: Promise<void> | undefined;

  constructor(
    private current: EndingConsumer | undefined,
    private readonly options: SupervisionOptions,
  ) {
    this.watching = this.watch();
  }

  isLiving(): boolean {
    return (this.current?.isLiving() ?? false) && this.options.clock.now() - this.beganAtMs >= provenAfterMs;
  }

  trouble(): CarillonError | undefined {
    return this.isLiving() ? undefined : this.why;
  }

  stop(): Promise<void> {
    this.closing ??= (async () => {
      this.stopping.abort();
      await this.current?.stop();
      await this.watching;
    })();
    return this.closing;
  }

  /** Replaces the consumer each time it ends, for whatever reason. */
  private async watch(): Promise<void> {
    const { clock, onError } = this.options;
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      const since = clock.now();
      if (this.current) {
        const reason = await this.endOf(this.current);
        if (signal.aborted) return;
        this.note(reason);
        await this.letGo(this.current);
        this.current = undefined;
        if (clock.now() - since > wellAfterMs) failures = 0;
      }
      await clock.sleep(pauseMs(failures), signal);
      failures += 1;
      if (signal.aborted) return;
      try {
        const next = await this.options.start();
        // stopped meanwhile: nothing else would stop it
        if (signal.aborted) await next.stop();
        else this.current = next;
        this.beganAtMs = clock.now();
      } catch (error) {
        this.why = carillonErrorOf(error);
        onError(error);
      }
    }
  }

  private note(reason: unknown): void {
    this.why = carillonErrorOf(reason);
    this.options.onError(reason);
  }

  /** Resolves with the reason for the end: the consumer's own, or too long a silence. */
  private async endOf(consumer: EndingConsumer): Promise<unknown> {
    const { clock, silentMs } = this.options;
    const { signal } = this.stopping;
    let end: { readonly reason: unknown } | undefined;
    const over = new AbortController();
    signal.addEventListener("abort", () => over.abort(), { once: true });
    void consumer.ended.then((reason) => {
      end = { reason };
      over.abort();
    });
    let livedAtMs = clock.now();
    while (!over.signal.aborted) {
      await clock.sleep(lookEveryMs, over.signal);
      if (consumer.isLiving()) {
        livedAtMs = clock.now();
        if (this.isLiving()) this.why = undefined;
      } else if (clock.now() - livedAtMs > silentMs) {
        return new CarillonError(
          "UNAVAILABLE",
          `a consumer has been in no group for ${Math.round(silentMs / 1_000)} s, so Carillon replaces it`,
        );
      }
    }
    return end?.reason;
  }

  private async letGo(consumer: EndingConsumer): Promise<void> {
    const over = new AbortController();
    const stopped = consumer
      .stop()
      .catch(() => undefined)
      .finally(() => over.abort());
    await Promise.race([stopped, this.options.clock.sleep(letGoWithinMs, over.signal)]);
  }
}

/** Starts a consumer and replaces it until stopped. Rejects if the first one does not start. */
export const superviseConsumer = async (options: SupervisionOptions): Promise<SupervisedConsumer> =>
  new Supervision(await options.start(), options);
