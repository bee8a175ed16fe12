import type { MaybePromise } from "../engine/stage.js";
import type { Channel, DispatchCommand } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import type { Provider, SendOutcome } from "./provider.js";

/** A provider with room for one attempt. */
export interface Place {
  readonly provider: Provider;
  /** Tells what came of the call and how long it took, or with nothing, that none was made. Idempotent. */
  leave(outcome?: SendOutcome, tookMs?: number): void;
}

/** No provider takes the attempt now. */
export interface Wait {
  readonly provider?: undefined;
  readonly reason: Reason;
  readonly detail: string;
  /** When to ask again, milliseconds since 1970 UTC. */
  readonly untilMs: number;
}

/** Which provider takes an attempt, by the channel's routes, weights, limits and the providers' health. */
export interface Routing {
  /** Waits for room a few seconds at most. */
  choose(command: DispatchCommand, stop: { readonly signal: AbortSignal }): MaybePromise<Place | Wait>;
  /** Whether a provider that has not failed this message yet could take it. */
  hasAnother(command: DispatchCommand, failed: readonly string[]): boolean;
  /** Hears how long after its send a provider's last word on an attempt came, in milliseconds. */
  receiptCame(channel: Channel, provider: string, afterMs: number): void;
}
