import { BSON, type IndexDescription, MongoClient } from "mongodb";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { byMessage, fold } from "../../stores/lineage-store/fold.js";
import type { MessageDocument, PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { uniquePrefix } from "../harness/kafka.js";
import { atScale, type Benchmark, type Contestant } from "../harness/result.js";

const fullCount = 20_000;
/** As the sink's default. */
const batchEvents = 2_000;
const turns = 5;

const steps = [
  ["accept", "accepted", "accepted", 0],
  ["validate", "ok", "validated", 0],
  ["enrich", "ok", "enriched", 0],
  ["route", "ok", "queued", 0],
  ["dispatch", "ok", "dispatched", 1],
  ["response_handle", "delivered", null, 1],
  ["feedback", "delivered", "delivered", 1],
] as const;

const eventsOf = (index: number): LineageStepEvent[] =>
  steps.map(
    ([stage, outcome, status, attempt], step): LineageStepEvent => ({
      eventId: `m-${index}:${stage}:${attempt}:${outcome}`,
      messageId: `m-${index}`,
      tenant: `tenant-${index % 10}`,
      channel: "sms",
      lane: "normal",
      stage,
      outcome,
      status,
      reason: null,
      attempt,
      at: 1_767_225_600_000 + index + step,
      instance: "bench",
      provider: attempt > 0 ? "kaleyra" : null,
      to: stage === "accept" ? `+9198000${index}` : null,
      details: stage === "dispatch" ? { tookMs: "12", responseId: `r-${index}` } : {},
    }),
  );

const inBatches = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

const timed = async (work: () => Promise<void>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

/** The indexes that Carillon gives to its collections. */
const indexesOf = async (client: MongoClient, database: string): Promise<IndexDescription[]> => {
  const found = await client.db(database).collection("messages_sms").indexes();
  const indexes = found
    .filter(({ name }) => name !== "_id_")
    .map(({ key, name, partialFilterExpression }) => ({ key, name, ...(partialFilterExpression ? { partialFilterExpression } : {}) }));
  return indexes as IndexDescription[];
};

export const lineage: Benchmark = {
  name: "lineage",
  work: "lineage events of messages, seven each, into MongoDB's API, and the same documents by the driver's own bulkWrite",
  servers: ["MONGO"],
  run: async ({ address, scale, progress }) => {
    const count = atScale(fullCount, scale);
    const database = uniquePrefix();
    const client = await MongoClient.connect(address("MONGO"));
    try {
      const positioned: PositionedEvent[] = Array.from({ length: count }, (_, index) => eventsOf(index))
        .flat()
        .map((event, offset) => ({ event, partition: 0, offset }));
      const documents = [...byMessage(positioned).values()].flatMap(
        (events) => fold(undefined, events)?.document ?? [],
      ) as MessageDocument[];

      const store = createMongoLineage({ url: address("MONGO"), database });
      await store.prepare();
      // into a collection with the same indexes
      const collection = client.db(database).collection<MessageDocument>("bulk");
      await collection.createIndexes(await indexesOf(client, database));
      const spentMs = { ours: 0, theirs: 0 };
      let cpuMicroseconds = 0;
      // by turns, so that neither has the warmer server
      for (const [turn, part] of inBatches(documents, Math.ceil(count / turns)).entries()) {
        progress(`turn ${turn + 1} of ${turns}`);
        const ids = new Set(part.map(({ _id }) => _id));
        const events = positioned.filter(({ event }) => ids.has(event.messageId));
        const before = process.cpuUsage();
        spentMs.ours += await timed(async () => {
          for (const batch of inBatches(events, batchEvents)) await store.append(batch);
        });
        const { user, system } = process.cpuUsage(before);
        cpuMicroseconds += user + system;
        spentMs.theirs += await timed(async () => {
          for (const batch of inBatches(part, Math.floor(batchEvents / steps.length)))
            await collection.bulkWrite(
              batch.map((document) => ({ insertOne: { document } })),
              { ordered: false },
            );
        });
      }
      await store.close();
      const contestant = (name: string, ms: number): Contestant => ({ name, measures: { documentsPerSecond: (count / ms) * 1_000 } });
      const measured = contestant("Carillon's lineage store", spentMs.ours);
      const ours: Contestant = {
        ...measured,
        measures: {
          ...measured.measures,
          cpuMicroseconds: cpuMicroseconds / count,
          documentBytes: documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) / count,
        },
      };
      const theirs = contestant("driver's bulkWrite", spentMs.theirs);
      return {
        contestants: [ours, theirs],
        ratios: [
          {
            name: "Carillon / bulkWrite",
            value: (ours.measures.documentsPerSecond ?? 0) / (theirs.measures.documentsPerSecond ?? 1),
            aim: 0.7,
            atLeast: true,
          },
        ],
        notes: [
          `${count} messages, ${count * steps.length} events in batches of ${batchEvents}, by turns; Carillon also folds them, checks what is stored, and keeps exact rollups.`,
          "Where the server is not MongoDB itself but one that speaks its protocol, only the ratio says something.",
        ],
      };
    } finally {
      await client.db(database).dropDatabase();
      await client.close();
    }
  },
};
