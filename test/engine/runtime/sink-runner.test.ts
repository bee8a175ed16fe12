import { expect, it } from "vitest";
import { createTopology } from "../../../engine/builder.js";
import { queueSet } from "../../../engine/queue.js";
import { writeBatch } from "../../../engine/runtime/sink-runner.js";
import type { BatchSink } from "../../../engine/stage.js";
import type { TopicFamily } from "../../../engine/topic-family.js";
import type { RecordType } from "../../../schemas/records.js";
import type { RecordBatch } from "../../../stores/event-log/event-log.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { whileTimePasses } from "../../support/pass-time.js";
import { createBatch } from "./recorded-batch.js";

const text = { name: "Text", schema: "string", key: (value: string) => value } as unknown as RecordType<string>;
const words: TopicFamily<string> = { name: "words", record: text, members: [{ name: "words", partitions: 1 }], select: () => "words" };
const codec = {
  encode: (value: unknown) => Buffer.from(String(value)),
  key: String,
  decode: async (bytes: Buffer | null) => String(bytes),
};

const runInto = async (write: BatchSink<unknown>["write"], clock = createVirtualClock()) => {
  const sink: BatchSink<unknown> = { name: "shelf", write };
  const topology = createTopology("test");
  topology.topics(words);
  topology.source("people", words);
  topology.subTopology(queueSet("keep", words)).into(sink as BatchSink<string>);
  const [sub] = topology.build().subTopologies;
  if (!sub) throw new Error("no sub-topology");
  const { batch, commits, out } = createBatch(["a", "b", "c", "d"]);
  let lastMs = clock.now();
  let longestMs = 0;
  const silentFor = (): void => {
    longestMs = Math.max(longestMs, clock.now() - lastMs);
    lastMs = clock.now();
  };
  const watched: RecordBatch = { ...batch, progress: silentFor };
  const dependencies = {
    codecs: { of: () => codec } as never,
    timers: { schedule: async () => undefined },
    clock,
    instance: "test",
    topicOf: (member: string) => member,
    stageTimeoutMs: 60_000,
    requeueTimeoutMs: 1_000,
    deadLetter: async ({ offset }: { readonly offset: number }) => ({
      outputs: [{ topic: "dead", key: null, value: Buffer.from(`dead ${offset}`) }],
      schedules: [],
      cancels: [],
    }),
    origin: { instance: "test" },
  };
  await whileTimePasses(clock, writeBatch(watched, sink, sub, dependencies, 1_000), 400_000, 1_000);
  silentFor();
  return { commits, out, longestMs };
};

it("reports progress with each record that is written singly after a failed batch, so that its consumer does not look stuck", async () => {
  const clock = createVirtualClock();
  const written: unknown[] = [];
  const { commits, out, longestMs } = await runInto(async (items) => {
    if (items.length > 1) throw new Error("one of them is too large");
    await clock.sleep(50_000);
    if (items[0]?.offset === 12) throw new Error("this one is too large");
    written.push(items[0]?.value);
  }, clock);
  expect(written).toEqual(["10", "11", "13"]);
  expect([commits, out]).toEqual([[14], ["dead 12"]]);
  expect(longestMs).toBeLessThanOrEqual(51_000);
});

it("writes a batch at once", async () => {
  const sizes: number[] = [];
  const { commits } = await runInto(async (items) => void sizes.push(items.length));
  expect([sizes, commits]).toEqual([[4], [14]]);
});
