const pollEveryMs = 100;
const deadlineMs = 1_800_000;

export interface Growth {
  /** Per second from the first one on: excludes the start, and counts everything before the last. */
  readonly perSecond: number;
  readonly totalMs: number;
}

/** Watches a count grow to `count`, for at most `mostMs`. Resolves with its rate. */
export const measureGrowth = async (
  count: number,
  read: () => Promise<number>,
  progress: (share: number, perSecond: number) => void = () => undefined,
  mostMs = Number.POSITIVE_INFINITY,
): Promise<Growth> => {
  const startedMs = performance.now();
  let firstMs: number | undefined;
  for (;;) {
    const end = await read();
    const atMs = performance.now();
    if (end > 0) firstMs ??= atMs;
    const perSecond = firstMs !== undefined && atMs > firstMs ? (end / (atMs - firstMs)) * 1_000 : 0;
    progress(end / count, perSecond);
    if (end >= count || atMs - startedMs > mostMs) return { perSecond, totalMs: atMs - startedMs };
    if (atMs - startedMs > deadlineMs) throw new Error(`only ${end} of ${count} after ${deadlineMs / 60_000} minutes`);
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  }
};
