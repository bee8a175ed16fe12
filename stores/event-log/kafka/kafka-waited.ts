import type { Admin } from "kafkajs";
import type { PartitionLag } from "../event-log.js";

/** The ages that can be distinguished: from 20 ms to over a year, each an eighth longer than the one before. */
const ages = Array.from({ length: 190 }, (_, index) => 20 * 1.125 ** index);

type Offsets = ReadonlyMap<number, number>;

/**
 * How long the first unread record in each partition has waited. Brokers return the first record after a given time, so a binary search
 * finds its age without fetching any record.
 */
export const waitedInKafka = async (
  admin: Pick<Admin, "fetchTopicOffsetsByTimestamp">,
  topic: string,
  lags: readonly PartitionLag[],
  nowMs: number,
): Promise<ReadonlyMap<number, number>> => {
  const asked = new Map<number, Promise<Offsets>>();
  const firstAfter = (step: number): Promise<Offsets> => {
    const known = asked.get(step);
    if (known) return known;
    const asking = admin
      .fetchTopicOffsetsByTimestamp(topic, Math.floor(nowMs - (ages[step] ?? 0)))
      .then((found) => new Map(found.map(({ partition, offset }) => [partition, Number(offset)])));
    asked.set(step, asking);
    return asking;
  };
  const search = async ({ partition, committed }: PartitionLag): Promise<number> => {
    let [low, high] = [0, ages.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const isOlder = ((await firstAfter(middle)).get(partition) ?? 0) > committed;
      if (isOlder) low = middle;
      else high = middle - 1;
    }
    return Math.round((ages[low] ?? 0) * 1.06);
  };
  const waiting = lags.filter(({ lag }) => lag > 0);
  return new Map(await Promise.all(waiting.map(async (lag) => [lag.partition, await search(lag)] as const)));
};
