/** FNV-1a over the key: the partition of a record in the embedded log. */
export const partitionOf = (key: Buffer | string | null, partitions: number, turn: number): number => {
  if (partitions === 1) return 0;
  if (key === null) return turn % partitions;
  const bytes = typeof key === "string" ? Buffer.from(key) : key;
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitions;
};
