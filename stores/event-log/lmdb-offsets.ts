import type { Database, RootDatabase } from "lmdb";

export interface OffsetCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** The groups that consume an LMDB log, and their committed offsets. */
export interface LmdbOffsets {
  hasJoined(group: string, topic: string): boolean;
  /** Call inside a transaction. From then on the topic keeps records that the group has not read. */
  join(group: string, topic: string): void;
  committed(group: string, topic: string, partition: number): number;
  /** Call inside a transaction. */
  commit(offset: OffsetCommit): void;
  /** The offset before which every group has read: unread records are never removed. */
  consumedUpTo(topic: string, partition: number): number;
}

export const openLmdbOffsets = (root: RootDatabase): LmdbOffsets => {
  const offsets: Database<number, [group: string, topic: string, partition: number]> = root.openDB("log-offsets", {});
  const groups: Database<boolean, [topic: string, group: string]> = root.openDB("log-groups", {});
  const committed = (group: string, topic: string, partition: number): number => offsets.get([group, topic, partition]) ?? 0;
  return {
    hasJoined: (group, topic) => groups.get([topic, group]) ?? false,
    join: (group, topic) => void groups.put([topic, group], true),
    committed,
    commit: ({ group, topic, partition, next }) => void offsets.put([group, topic, partition], next),
    consumedUpTo: (topic, partition) => {
      const names = [...groups.getKeys({ start: [topic, ""], end: [topic, "\uffff"] })].map(([, group]) => group);
      return Math.min(...names.map((group) => committed(group, topic, partition)), Number.MAX_SAFE_INTEGER);
    },
  };
};
