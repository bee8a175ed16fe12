import type { MaybePromise } from "../engine/stage.js";
import type { Channel, DispatchCommand } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import type { Provider, SendOutcome } from "./provider.js";

/** A provider with capacity for one attempt. */
export interface Place {
  readonly provider: Provider;
  /** Reports the call's outcome and duration; without arguments: no call was made. Idempotent. */
  leave(outcome?: SendOutcome, tookMs?: number): void;
}

/** No provider accepts the attempt now. */
export interface Wait {
  readonly provider?: undefined;
  readonly reason: Reason;
  readonly detail: string;
  /** When to try again, in milliseconds since 1970 UTC. */
  readonly untilMs: number;
}

/** Chooses the provider for an attempt, by the channel's routes, weights and limits and the providers' health. */
export interface Routing {
  /** Waits at most a few seconds for capacity. */
  choose(command: DispatchCommand, stop: { readonly signal: AbortSignal }): MaybePromise<Place | Wait>;
  /** Whether a provider that has not yet failed this message could accept it. */
  hasAnother(command: DispatchCommand, failed: readonly string[]): boolean;
  /** Records how long after its send a provider's final receipt arrived, in milliseconds. */
  receiptCame(channel: Channel, provider: string, afterMs: number): void;
}
