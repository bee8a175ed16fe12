import type { Config } from "../config/schema.js";
import type { DeadLetters } from "../operations/dead-letters/dead-letters.js";
import type { DeliveryParts } from "../operations/delivery-parts.js";
import type { LagWatch } from "../operations/lag/lag-watch.js";
import type { ReadinessCheck } from "../operations/readiness/readiness.js";
import type { Logger } from "../operations/telemetry/logger.js";
import type { Metrics } from "../operations/telemetry/metrics.js";
import type { Callbacks } from "../sources/callbacks/callbacks.js";
import type { Clock } from "../stores/clock.js";
import type { Stores } from "../stores/stores.js";

export interface HttpDependencies {
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: DeliveryParts;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly callbacks: Callbacks;
  readonly lags: LagWatch;
  readonly deadLetters: DeadLetters;
  readonly readiness: readonly ReadinessCheck[];
  /** Call when a client waits for its messages to be accepted: deliveries yield to it. */
  urge(): void;
  /** The metrics of all threads, in Prometheus's text format. */
  scrape(): Promise<string>;
  /** Identifies this run of the process. */
  readonly run: string;
}
