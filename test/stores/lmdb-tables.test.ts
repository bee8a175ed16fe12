import { expect, it } from "vitest";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { scratchEnvironment } from "../support/scratch-environment.js";

const topic = "calls";
const environment = scratchEnvironment();

const partitionsUsed = async (log: ReturnType<typeof createLmdbLog>): Promise<number> => {
  const before = new Set((await log.scan(topic, 100)).map(({ partition, offset }) => `${partition} ${offset}`));
  await log.append(Array.from({ length: 8 }, () => ({ topic, key: null, value: Buffer.from("call") })));
  const added = (await log.scan(topic, 100)).filter(({ partition, offset }) => !before.has(`${partition} ${offset}`));
  return new Set(added.map(({ partition }) => partition)).size;
};

it("writes to the partitions that this log added at once, and to those of another thread's log within a second", async () => {
  const clock = createVirtualClock();
  const [log, other] = [createLmdbLog(environment(), clock), createLmdbLog(environment(), clock)];
  try {
    await log.ensureTopics([{ topic, partitions: 1, retentionMs: -1 }]);
    expect(await partitionsUsed(log)).toBe(1);
    await log.ensureTopics([{ topic, partitions: 2, retentionMs: -1 }]);
    expect(await partitionsUsed(log)).toBe(2);
    await other.ensureTopics([{ topic, partitions: 4, retentionMs: -1 }]);
    await clock.advance(1_000);
    expect(await partitionsUsed(log)).toBe(4);
  } finally {
    await Promise.all([log.close(), other.close()]);
  }
});

it("knows a topic that another thread's log has just made", async () => {
  const clock = createVirtualClock();
  const [log, other] = [createLmdbLog(environment(), clock), createLmdbLog(environment(), clock)];
  try {
    await expect(log.append([{ topic, key: null, value: Buffer.from("call") }])).rejects.toThrow("does not exist");
    await other.ensureTopics([{ topic, partitions: 1, retentionMs: -1 }]);
    expect(await partitionsUsed(log)).toBe(1);
  } finally {
    await Promise.all([log.close(), other.close()]);
  }
});
