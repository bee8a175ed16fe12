import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from "prom-client";
import type { MetricsRegistry } from "./process-metrics.js";

/** The metrics of one thread, as they go from thread to thread. */
export type MetricsJson = readonly MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of a process in Prometheus' text format: the sums over its threads. `others`: of threads besides this one. */
export const mergedMetrics = async (registry: MetricsRegistry, others: readonly MetricsJson[]): Promise<string> => {
  if (others.length === 0) return registry.metrics();
  const own = await registry.getMetricsAsJSON();
  // what stands for the process is measured in one thread alone, so that a sum is right for it, too
  const summed = [own, ...others].map((metrics) => metrics.map((metric) => ({ ...metric, aggregator: "sum" as const })));
  return AggregatorRegistry.aggregate(summed).metrics();
};
