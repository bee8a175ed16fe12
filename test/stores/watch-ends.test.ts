import { open, type RootDatabase } from "lmdb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../stores/clock.js";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { watchEnds } from "../../stores/event-log/watch-ends.js";
import { lmdbOptions, openEnvironment } from "../../stores/lmdb-environment.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
let root: RootDatabase;

beforeAll(() => {
  root = open({ ...lmdbOptions, path: `${folder.path}/ends.mdb` });
});
afterAll(async () => {
  await root.close();
  folder.remove();
});

it("reports the partitions that have grown, and no others", async () => {
  const ends = root.openDB<number, [string, number]>("log-ends", {});
  const others = root.openDB<number, string>("others", {});
  await ends.put(["calls", 0], 3);
  await ends.put(["letters", 0], 1);
  const grown: string[] = [];
  const stop = watchEnds({ root, ends, onGrowth: (topic, partition) => grown.push(`${topic} ${partition}`) });
  await eventually(
    () => grown,
    (topics) => topics.length === 2,
  );
  grown.length = 0;
  await others.put("anything", 1);
  await ends.put(["calls", 0], 4);
  await ends.put(["calls", 1], 1);
  await eventually(
    () => grown,
    (partitions) => partitions.length > 1,
  );
  expect(grown.sort()).toEqual(["calls 0", "calls 1"]);
  stop();
});

it("sees a transaction whose id was known before its data could be read", async () => {
  const entries = [{ key: ["calls", 0], value: 1 }];
  const root = { env: { info: () => ({ lastTxnId: 7 }) }, resetReadTxn: () => undefined, getStats: () => ({}) };
  const grown: string[] = [];
  const stop = watchEnds({
    root,
    ends: { getRange: () => entries } as never,
    onGrowth: (topic, partition) => grown.push(`${topic} ${partition}`),
  });
  await eventually(
    () => grown,
    (partitions) => partitions.includes("calls 0"),
  );
  entries.push({ key: ["calls", 1], value: 1 });
  await eventually(
    () => grown,
    (partitions) => partitions.includes("calls 1"),
  );
  stop();
});

it("wakes a consumer for a record that the log was not told of", async () => {
  const own = scratchFolder();
  const environment = openEnvironment(own.path);
  const [log, other] = [createLmdbLog(environment, systemClock), createLmdbLog(environment, systemClock)];
  const seen: string[] = [];
  try {
    await log.ensureTopics([{ topic: "calls", partitions: 2, retentionMs: -1 }]);
    await log.consume({
      topic: "calls",
      group: "readers",
      consumers: 1,
      guarantee: "at_least_once",
      maxBatchRecords: 10,
      onBatch: async (batch) => {
        seen.push(...batch.records.map(({ value }) => String(value)));
        await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, []);
      },
      onError: () => undefined,
    });
    await other.append([{ topic: "calls", key: Buffer.from("a"), value: Buffer.from("hello") }]);
    await eventually(
      () => seen,
      (values) => values.length === 1,
      2_000,
    );
    expect(seen).toEqual(["hello"]);
  } finally {
    await Promise.all([log.close(), other.close()]);
    await environment.close();
    own.remove();
  }
});
