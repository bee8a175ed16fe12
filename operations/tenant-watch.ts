import type { Clock } from "../stores/clock.js";
import type { ProcessMetrics } from "./telemetry/process-metrics.js";

const everyMs = 2_000;

export interface WatchedTenants {
  /** Milliseconds since the tenants were known to be current; Infinity before they have been read once. */
  ageMs(): number;
  count(): number;
}

/** Updates the metrics of the tenants that the process keeps. Returns a function that stops it. */
export const watchTenants = (
  reader: WatchedTenants,
  metrics: Pick<ProcessMetrics, "tenants" | "tenantsAge">,
  clock: Pick<Clock, "elapsed" | "after">,
): (() => void) => {
  const beganMs = clock.elapsed();
  let cancel: () => void = () => undefined;
  const measure = (): void => {
    // before the first read, the age is that of the process
    metrics.tenantsAge.set(Math.max(0, Math.min(reader.ageMs(), clock.elapsed() - beganMs)) / 1_000);
    metrics.tenants.set(reader.count());
    cancel = clock.after(everyMs, measure);
  };
  measure();
  return () => cancel();
};
