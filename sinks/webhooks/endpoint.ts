import type { WebhookPolicy } from "../../processors/webhook.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import { Breaker } from "../routing/breaker.js";
import { Slots } from "../routing/slots.js";

export interface EndpointPolicy extends WebhookPolicy {
  /** Most calls of one endpoint in flight in this process. */
  readonly inFlight: number;
  /** An endpoint whose calls keep failing for this long is disabled. */
  readonly disableAfterMs: number;
  /** Longest pause that a Retry-After can request. */
  readonly maxRetryAfterMs: number;
}

/** The state of an endpoint, for all processes. */
export interface WebhookState {
  /** The first failed call since the last success or the last long pause. */
  readonly failingSince: number;
  /** The number of failed calls since then, and the time of the last one. Undefined in states of earlier versions. */
  readonly failures?: number;
  readonly lastFailureAt?: number;
  readonly disabledAt?: number;
  readonly lastFailure: string;
}

const group = keys.cells.webhooks;
const keepMs = 366 * 86_400_000;
const lookEveryMs = 5_000;
const breakerPolicy = { failures: 5, openMs: 5_000, maxOpenMs: 300_000, probes: 1 };

/** `name`: the state's name of the webhook. */
export const readWebhookState = async (cells: Pick<Cells, "get">, name: string): Promise<WebhookState | undefined> => {
  const text = await cells.get(group, name);
  return text === undefined ? undefined : (JSON.parse(text) as WebhookState);
};

/** The states of all webhooks that have failed since their last success, by name. */
export const readWebhookStates = async (cells: Pick<Cells, "all">): Promise<ReadonlyMap<string, WebhookState>> =>
  new Map([...(await cells.all(group))].map(([name, text]) => [name, JSON.parse(text) as WebhookState]));

/** Fewer failed calls never disable an endpoint. */
const leastFailures = 10;
const dayMs = 86_400_000;
/** Calls may also wait for a slot or for the breaker. */
const marginMs = 3_600_000;

/**
 * A pause between failed calls that is longer than that between two tries of one event is time without traffic, which is no evidence
 * against the endpoint.
 */
const longestPauseMs = ({ retryDelaysMs, jitter, maxRetryAfterMs }: EndpointPolicy): number =>
  Math.max(dayMs, maxRetryAfterMs, Math.max(0, ...retryDelaysMs) * (1 + jitter)) + marginMs;

/** The state after a failed call. */
export const failedState = (
  known: WebhookState | undefined,
  { nowMs, lastFailure, gone }: { readonly nowMs: number; readonly lastFailure: string; readonly gone: boolean },
  policy: EndpointPolicy,
): WebhookState => {
  const continues = known && nowMs - (known.lastFailureAt ?? known.failingSince) <= longestPauseMs(policy);
  const failingSince = continues ? known.failingSince : nowMs;
  const failures = (continues ? (known.failures ?? 1) : 0) + 1;
  const off = gone || (failures >= leastFailures && nowMs - failingSince >= policy.disableAfterMs);
  return { failingSince, failures, lastFailureAt: nowMs, lastFailure, ...(off ? { disabledAt: nowMs } : {}) };
};

/** Enables a webhook again. */
export const enableWebhook = (cells: Pick<Cells, "remove">, name: string): Promise<void> => cells.remove(group, name);

/** One webhook, as seen by this process. */
export class Endpoint {
  readonly breaker: Breaker;
  readonly slots: Slots;
  private current: WebhookState | undefined;
  private lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    /** The name of its state. */
    readonly name: string,
    private readonly policy: EndpointPolicy,
    private readonly cells: Cells,
    private readonly clock: Pick<Clock, "now">,
  ) {
    this.breaker = new Breaker(breakerPolicy, clock.now);
    this.slots = new Slots(policy.inFlight, policy.inFlight);
  }

  get state(): WebhookState | undefined {
    return this.current;
  }

  /** Reads the state that all processes share, at intervals. */
  async look(): Promise<void> {
    // a disabled endpoint is read each time, so that no feedback is skipped once it is enabled again
    if (this.current?.disabledAt === undefined && this.clock.now() - this.lookedAtMs < lookEveryMs) return;
    this.lookedAtMs = this.clock.now();
    this.current = await readWebhookState(this.cells, this.name);
  }

  async succeeded(): Promise<void> {
    this.breaker.record(true);
    if (!this.current) return;
    this.current = undefined;
    await enableWebhook(this.cells, this.name);
  }

  async failed(lastFailure: string, gone: boolean): Promise<void> {
    this.breaker.record(false);
    // another process may have counted failures, or had a success
    const known = await readWebhookState(this.cells, this.name);
    this.current = failedState(known, { nowMs: this.clock.now(), lastFailure, gone }, this.policy);
    await this.cells.set(group, this.name, JSON.stringify(this.current), keepMs);
  }
}
