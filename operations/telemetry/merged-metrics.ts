import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from "prom-client";
import type { MetricsRegistry } from "./process-metrics.js";

/** The metrics of one thread, as sent between threads. */
export type MetricsJson = readonly MetricObjectWithValues<MetricValue<string>>[];

/** A process's metrics in Prometheus's text format, summed over its threads. `others`: metrics of the other threads. */
export const mergedMetrics = async (registry: MetricsRegistry, others: readonly MetricsJson[]): Promise<string> => {
  if (others.length === 0) return registry.metrics();
  const own = await registry.getMetricsAsJSON();
  // process-wide values are measured in only one thread, so the sum is right for them, too
  const summed = [own, ...others].map((metrics) => metrics.map((metric) => ({ ...metric, aggregator: "sum" as const })));
  return AggregatorRegistry.aggregate(summed).metrics();
};
