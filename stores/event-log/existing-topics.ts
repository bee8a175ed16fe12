/** Partition counts of the topics that exist. */
export const existingOf = (topics: readonly string[], partitions: (topic: string) => number): ReadonlyMap<string, number> =>
  new Map(topics.map((topic) => [topic, partitions(topic)] as const).filter(([, count]) => count > 0));
