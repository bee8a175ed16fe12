import { createDeliveryMetrics, type DeliveryMetrics } from "./delivery-metrics.js";
import { createProcessMetrics, type ProcessMetrics } from "./process-metrics.js";

/** The metrics of a process that runs delivery. */
export type Metrics = ProcessMetrics & DeliveryMetrics;

/** All of Carillon's metrics. docs/reference.md is generated from here. */
export const createMetrics = (): Metrics => {
  const own = createProcessMetrics();
  return { ...own, ...createDeliveryMetrics(own.registry) };
};
