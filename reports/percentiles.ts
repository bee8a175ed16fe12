import { beyondBounds, latencyBoundsMs } from "../stores/lineage-store/measures.js";

/** The latencies that 50, 95 and 99 percent of messages do not exceed, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * The value that a fraction of a histogram does not exceed. Interpolates linearly between bounds, so the error is at most a bucket's width.
 */
export const percentile = (histogram: Readonly<Record<string, number>>, share: number): number | undefined => {
  const total = Object.values(histogram).reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const wanted = share * total;
  let passed = 0;
  let low = 0;
  for (const bound of latencyBoundsMs) {
    const count = histogram[String(bound)] ?? 0;
    if (count > 0 && passed + count >= wanted) return Math.round(low + ((wanted - passed) / count) * (bound - low));
    passed += count;
    low = bound;
  }
  // values beyond the last bound are reported as that bound
  return (histogram[beyondBounds] ?? 0) > 0 ? low : undefined;
};

/** Null for an empty histogram. */
export const percentilesOf = (histogram: Readonly<Record<string, number>>): Percentiles | null => {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(histogram, share));
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
};
