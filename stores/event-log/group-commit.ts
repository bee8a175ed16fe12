/** A write whose caller waits for its commit. */
export interface PendingWrite {
  resolve(): void;
  reject(error: unknown): void;
}

/** Collects writes while a commit is in flight and commits them together afterwards. */
export interface GroupCommit<Write extends PendingWrite> {
  add(write: Write): void;
  /** Resolves when all writes have been committed or rejected. */
  drained(): Promise<void>;
}

/** `commit` writes one group, completely or not at all. Its rejection rejects every write of the group. */
export const createGroupCommit = <Write extends PendingWrite>(commit: (writes: readonly Write[]) => Promise<void>): GroupCommit<Write> => {
  let queue: Write[] = [];
  let draining: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const writes = queue;
      queue = [];
      try {
        await commit(writes);
        for (const write of writes) write.resolve();
      } catch (error) {
        for (const write of writes) write.reject(error);
      }
    }
    draining = undefined;
  };
  return {
    add: (write) => {
      queue.push(write);
      draining ??= Promise.resolve().then(drain);
    },
    drained: async () => draining,
  };
};
