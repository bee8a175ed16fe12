/** The last moment of the year 9999: beyond it times have no ISO form that others read, and soon no Date at all. */
export const latestInstantMs = 253_402_300_799_999;

/** Whether a number is a moment in milliseconds since 1970 UTC that a document can hold. */
export const isInstant = (ms: number): boolean => Number.isInteger(ms) && ms > 0 && ms <= latestInstantMs;
