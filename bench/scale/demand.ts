import type { Lane } from "../../schemas/generated.js";

/** Distribution of a day's messages by hour: most by day, with a peak in the evening. Sums to 1. */
const hourly = [1, 0.6, 0.5, 0.4, 0.4, 0.6, 1.2, 2.4, 4, 5.4, 6, 6, 5.6, 5.2, 5, 5.2, 5.6, 6.4, 8, 9, 8.4, 6.4, 4.2, 2.5];
const total = hourly.reduce((sum, weight) => sum + weight, 0);

/** Each lane's fraction of a day. */
export const laneShares: Readonly<Record<Lane, number>> = { critical: 0.05, high: 0.15, normal: 0.3, bulk: 0.5 };

/** The busiest hour relative to the mean. */
export const peakFactor = (Math.max(...hourly) / total) * 24;

/** Messages per second at a minute of the day. */
export const rateAt = (messagesPerDay: number, minute: number): number => {
  const [here = 0, next = 0] = [hourly[Math.floor(minute / 60) % 24], hourly[(Math.floor(minute / 60) + 1) % 24]];
  const weight = here + ((next - here) * (minute % 60)) / 60;
  return (messagesPerDay * weight) / total / 3_600;
};
