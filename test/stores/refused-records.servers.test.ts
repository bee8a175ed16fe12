import { afterAll, describe, expect, it } from "vitest";
import { CarillonError } from "../../schemas/errors.js";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { createKafkaLog } from "../../stores/event-log/kafka/kafka-log.js";
import { eventually } from "../support/eventually.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

describe.each(kafkaClients)("a broker that refuses a record, by %s", (client) => {
  const log = createKafkaLog({
    client,
    brokers: [serverAddress("KAFKA")],
    clientId: "test",
    sessionTimeoutMs: 10_000,
    lingerMs: 5,
    replicationFactor: 1,
  });
  afterAll(() => log.close());
  const record = (topic: string, bytes: number) => ({ topic, key: "k", value: Buffer.alloc(bytes, 1) });
  const refused = { code: "RECORD_REFUSED", retryable: false };

  it("says so for good, and takes what left together with it", async () => {
    const topic = uniqueName("small-records");
    await log.ensureTopics([{ topic, partitions: 1, retentionMs: -1, maxRecordBytes: 20_000 }]);
    const appends = [record(topic, 100), record(topic, 100_000), record(topic, 200)].map((one) => log.append([one]));
    const settled = await Promise.allSettled(appends);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(appends[1]).rejects.toMatchObject(refused);
    const kept = (await log.scan(topic, 10)).map(({ value }) => value?.length);
    expect(kept).toContain(100);
    expect(kept).toContain(200);
    expect(kept).not.toContain(100_000);
  });

  it("says so for good for a transaction", async () => {
    const [input, output] = [uniqueName("in"), uniqueName("out")];
    await log.ensureTopics([
      { topic: input, partitions: 1, retentionMs: -1 },
      { topic: output, partitions: 1, retentionMs: -1, maxRecordBytes: 20_000 },
    ]);
    await log.append([record(input, 10)]);
    const errors: unknown[] = [];
    let done = false;
    const consumption = await log.consume({
      group: uniqueName("group"),
      topic: input,
      consumers: 1,
      guarantee: "exactly_once",
      maxBatchRecords: 10,
      onBatch: async (batch) => {
        const next = (batch.records.at(-1)?.offset ?? 0) + 1;
        if (errors.length === 0)
          await batch.commit(next, [record(output, 100_000)]).catch((error: unknown) => {
            errors.push(error);
            throw error;
          });
        await batch.commit(next, [record(output, 50)]);
        done = true;
      },
      onError: () => undefined,
    });
    await eventually(
      () => done,
      (value) => value,
      60_000,
    );
    await consumption.stop();
    expect(errors[0]).toBeInstanceOf(CarillonError);
    expect(errors[0]).toMatchObject(refused);
    expect((await log.scan(output, 10)).map(({ value }) => value?.length)).toEqual([50]);
  });
});
