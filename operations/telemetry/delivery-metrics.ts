import { Counter, Gauge, Histogram } from "prom-client";
import type { MetricsRegistry } from "./process-metrics.js";

/** The metrics of delivery. */
export const createDeliveryMetrics = (registry: MetricsRegistry) => {
  const registers = [registry];
  return {
    accepted: new Counter({
      name: "carillon_accepted_total",
      help: "messages accepted over HTTP",
      labelNames: ["channel", "lane"],
      registers,
    }),
    refused: new Counter({ name: "carillon_refused_total", help: "messages refused over HTTP", labelNames: ["reason"], registers }),
    providerSeconds: new Histogram({
      name: "carillon_provider_seconds",
      help: "response time of a provider, by outcome",
      labelNames: ["channel", "provider", "outcome"],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    providerBreaker: new Gauge({
      name: "carillon_provider_breaker",
      help: "circuit breaker of a provider in this process: 0 closed, 1 half open, 2 open",
      labelNames: ["channel", "provider"],
      registers,
    }),
    effectiveWeight: new Gauge({
      name: "carillon_provider_effective_weight_ratio",
      help: "effective weight of a provider as a share of its configured weight, 0.1 to 1",
      labelNames: ["channel", "provider"],
      registers,
    }),
    providerInFlight: new Gauge({
      name: "carillon_provider_in_flight",
      help: "calls to a provider in flight",
      labelNames: ["channel", "provider"],
      registers,
    }),
    callbacks: new Counter({
      name: "carillon_callbacks_total",
      help: "callbacks from providers, by response status",
      labelNames: ["provider", "status"],
      registers,
    }),
    receipts: new Counter({
      name: "carillon_receipts_total",
      help: "receipts from providers, by source: callback, queue, log, connection or pull",
      labelNames: ["source", "provider"],
      registers,
    }),
    ignoredEvents: new Counter({
      name: "carillon_ignored_events_total",
      help: "events from providers that Carillon ignores by design, by source and reason",
      labelNames: ["source", "reason"],
      registers,
    }),
    unknownStates: new Counter({
      name: "carillon_unknown_states_total",
      help: "receipts whose state is not in the provider's table: they do not change a status",
      labelNames: ["provider"],
      registers,
    }),
  };
};

export type DeliveryMetrics = ReturnType<typeof createDeliveryMetrics>;
