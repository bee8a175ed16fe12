import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import { keys } from "../../stores/keys.js";
import { Breaker } from "../routing/breaker.js";
import { Slots } from "../routing/slots.js";

export interface EndpointPolicy {
  /** Most calls of one endpoint in flight in this process. */
  readonly inFlight: number;
  /** An endpoint that fails for this long without a success is disabled. */
  readonly disableAfterMs: number;
}

/** The state of an endpoint, for all processes. */
export interface WebhookState {
  readonly failingSince: number;
  readonly disabledAt?: number;
  readonly lastFailure: string;
}

const group = keys.cells.webhooks;
const keepMs = 366 * 86_400_000;
const lookEveryMs = 5_000;
const breakerPolicy = { failures: 5, openMs: 5_000, maxOpenMs: 300_000, probes: 1 };

export const readWebhookState = async (cells: Pick<Cells, "get">, tenant: string): Promise<WebhookState | undefined> => {
  const text = await cells.get(group, tenant);
  return text === undefined ? undefined : (JSON.parse(text) as WebhookState);
};

/** Enables a tenant's webhook again. */
export const enableWebhook = (cells: Pick<Cells, "remove">, tenant: string): Promise<void> => cells.remove(group, tenant);

/** One tenant's endpoint, as seen by this process. */
export class Endpoint {
  readonly breaker: Breaker;
  readonly slots: Slots;
  private current: WebhookState | undefined;
  private lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly tenant: string,
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
    this.current = await readWebhookState(this.cells, this.tenant);
  }

  async succeeded(): Promise<void> {
    this.breaker.record(true);
    if (!this.current) return;
    this.current = undefined;
    await enableWebhook(this.cells, this.tenant);
  }

  async failed(lastFailure: string, gone: boolean): Promise<void> {
    this.breaker.record(false);
    const nowMs = this.clock.now();
    const failingSince = this.current?.failingSince ?? nowMs;
    const off = gone || nowMs - failingSince >= this.policy.disableAfterMs;
    const isRecorded = this.current && !off; // keeps the first failure and the last
    this.current = { failingSince, lastFailure, ...(off ? { disabledAt: nowMs } : {}) };
    if (!isRecorded) await this.cells.set(group, this.tenant, JSON.stringify(this.current), keepMs);
  }
}
