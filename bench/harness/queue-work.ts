/** Prints the rate at which records were accepted, and the rate from end to end. */
export const printQueueRates = (count: number, takenMs: number, totalMs: number): void => {
  console.log(
    JSON.stringify({
      throughPerSecond: (count / totalMs) * 1_000,
      takenPerSecond: (count / takenMs) * 1_000,
      residentMb: process.memoryUsage.rss() / 2 ** 20,
    }),
  );
};
