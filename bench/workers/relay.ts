import type { KafkaClientName, OutgoingRecord } from "../../stores/event-log/event-log.js";

/** Forwards records over the hops of the pipeline and does nothing else: as many records, of the same size, with the same client. */
export interface RelayWorker {
  readonly broker: string;
  readonly client: KafkaClientName;
  readonly prefix: string;
}

const { createKafkaLog } = (await import(
  new URL("../../dist/stores/event-log/kafka/kafka-log.js", import.meta.url).href
)) as typeof import("../../stores/event-log/kafka/kafka-log.js");

const { broker, client, prefix } = JSON.parse(process.argv[2] ?? "{}") as RelayWorker;
const log = createKafkaLog({ client, brokers: [broker], clientId: "relay", sessionTimeoutMs: 30_000, lingerMs: 5, replicationFactor: 1 });

/** The size of the records that Carillon's stages emit in addition to the message itself. */
const lineageOf = { intake: Buffer.alloc(390, 1), dispatch: Buffer.alloc(290, 2) };
const feedback = Buffer.alloc(175, 3);

const hops: readonly { readonly from: string; readonly next: (value: Buffer | null) => readonly (readonly [string, Buffer | null])[] }[] = [
  {
    from: "requests",
    next: (value) => [
      ["dispatch", value],
      ["lineage", lineageOf.intake],
    ],
  },
  {
    from: "dispatch",
    next: () => [
      ["feedback", feedback],
      ["lineage", lineageOf.dispatch],
    ],
  },
];

await Promise.all(
  hops.map(({ from, next }) =>
    log.consume({
      group: `${prefix}.${from}`,
      topic: `${prefix}.${from}`,
      consumers: 1,
      guarantee: "at_least_once",
      maxBatchRecords: 500,
      onError: (error) => console.error(error),
      onBatch: async (batch) => {
        const outputs: OutgoingRecord[] = batch.records.flatMap(({ key, value }) =>
          next(value).map(([to, held]) => ({ topic: `${prefix}.${to}`, key, value: held })),
        );
        await batch.append(outputs);
        await batch.commit((batch.records.at(-1)?.offset ?? -1) + 1, []);
      },
    }),
  ),
);
console.log(JSON.stringify({ ready: true }));
process.once("SIGTERM", () => void log.close().then(() => process.exit(0)));
