/** Longest measurement of a plan, in milliseconds. */
export const mostMeasuredMs = 600_000;

/** Largest multiple of the measured load that a plan is made for. */
export const mostPeak = 1_000;

/** Largest target age of a record, in milliseconds. */
export const mostTargetAgeMs = 86_400_000;
