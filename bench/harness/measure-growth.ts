const pollEveryMs = 100;
const deadlineMs = 1_800_000;

export interface Growth {
  /** Per second, from the first one on: without the start, with everything that was done before the last. */
  readonly perSecond: number;
  readonly totalMs: number;
}

/** Watches something grow to `count`, or for `mostMs`; resolves how fast it did. */
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
