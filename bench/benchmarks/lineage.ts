import { BSON, type Collection, type IndexDescription, MongoClient } from "mongodb";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { byMessage, fold } from "../../stores/lineage-store/fold.js";
import type { LineageStore, MessageDocument, PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { uniquePrefix } from "../harness/kafka.js";
import { atScale, type Benchmark, type Contestant, quantile } from "../harness/result.js";

const fullCount = 20_000;
/** The sink's default. */
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
      details: stage === "dispatch" ? { tookMs: "12", providerMessageId: `r-${index}` } : {},
    }),
  );

const inBatches = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** The elapsed time and this process's CPU time, in microseconds per document. */
interface Spent {
  readonly elapsed: number;
  readonly cpu: number;
}

const timed = async (documents: number, work: () => Promise<void> | void): Promise<Spent> => {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { elapsed: ((performance.now() - begin) * 1_000) / documents, cpu: (user + system) / documents };
};

const documentsOf = (events: readonly PositionedEvent[]): MessageDocument[] =>
  [...byMessage(events).values()].flatMap((own) => fold(undefined, own)?.document ?? []);

/** The indexes that Carillon creates on its collections. */
const indexesOf = async (client: MongoClient, database: string): Promise<IndexDescription[]> => {
  const found = await client.db(database).collection("messages_sms").indexes();
  const indexes = found
    .filter(({ name }) => name !== "_id_")
    .map(({ key, name, partialFilterExpression }) => ({ key, name, ...(partialFilterExpression ? { partialFilterExpression } : {}) }));
  return indexes as IndexDescription[];
};

interface Turn {
  readonly ours: Spent;
  readonly theirs: Spent;
  /** Folding and BSON, without a store. */
  readonly pure: Spent;
}

/** Measures how each contestant writes a part of the documents. */
const measureTurn = async (
  store: Pick<LineageStore, "append">,
  collection: Collection<MessageDocument>,
  part: readonly MessageDocument[],
  events: readonly PositionedEvent[],
): Promise<Turn> => {
  const ours = await timed(part.length, async () => {
    for (const batch of inBatches(events, batchEvents)) await store.append(batch);
  });
  const theirs = await timed(part.length, async () => {
    for (const batch of inBatches(part, Math.floor(batchEvents / steps.length)))
      await collection.bulkWrite(
        batch.map((document) => ({ insertOne: { document } })),
        { ordered: false },
      );
  });
  const pure = await timed(part.length, () => {
    for (const document of documentsOf(events)) BSON.serialize(document);
  });
  return { ours, theirs, pure };
};

const resultOf = (spent: readonly Turn[], documents: readonly MessageDocument[], count: number): Awaited<ReturnType<Benchmark["run"]>> => {
  const medianOf = (of: (one: Turn) => number): number => quantile(spent.map(of), 0.5);
  const ours: Contestant = {
    name: "Carillon's lineage store",
    measures: {
      documentsPerSecond: 1_000_000 / medianOf((one) => one.ours.elapsed),
      cpuMicroseconds: medianOf((one) => one.ours.cpu),
      foldAndBsonMicroseconds: medianOf((one) => one.pure.cpu),
      documentBytes: documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) / count,
    },
  };
  const theirs: Contestant = {
    name: "driver's bulkWrite",
    measures: {
      documentsPerSecond: 1_000_000 / medianOf((one) => one.theirs.elapsed),
      cpuMicroseconds: medianOf((one) => one.theirs.cpu),
    },
  };
  return {
    contestants: [ours, theirs],
    ratios: [
      {
        name: "Carillon / bulkWrite",
        value: medianOf((one) => one.theirs.elapsed / one.ours.elapsed),
        aim: 0.7,
        atLeast: true,
      },
    ],
    notes: [
      `${count} messages, ${count * steps.length} events in batches of ${batchEvents}, in ${turns} alternating runs, whose medians are given. Carillon also folds the events, and keeps exact rollups.`,
      "Carillon writes documents in parts of 100 while it folds the next ones; bulkWrite writes one batch at a time. The CPU time is that of this process, without the server. Folding and BSON are necessary in any store.",
      "If the server only implements MongoDB's protocol, only the ratio is meaningful.",
    ],
  };
};

export const lineage: Benchmark = {
  name: "lineage",
  work: "lineage events of messages, seven each, into MongoDB's API, compared with bulkWrite of the same documents by the driver",
  servers: ["MONGO"],
  run: async ({ address, scale, progress }) => {
    const count = atScale(fullCount, scale);
    const database = uniquePrefix();
    const client = await MongoClient.connect(address("MONGO"));
    try {
      const positioned: PositionedEvent[] = Array.from({ length: count }, (_, index) => eventsOf(index))
        .flat()
        .map((event, offset) => ({ event, partition: 0, offset }));
      const documents = documentsOf(positioned);
      const store = createMongoLineage({ url: address("MONGO"), database });
      await store.prepare();
      // a collection with the same indexes
      const collection = client.db(database).collection<MessageDocument>("bulk");
      await collection.createIndexes(await indexesOf(client, database));
      const spent: Turn[] = [];
      // in turns, so that neither has the warmer server
      for (const [turn, part] of inBatches(documents, Math.ceil(count / turns)).entries()) {
        progress(`turn ${turn + 1} of ${turns}`);
        const ids = new Set(part.map(({ _id }) => _id));
        const events = positioned.filter(({ event }) => ids.has(event.messageId));
        spent.push(await measureTurn(store, collection, part, events));
      }
      await store.close();
      return resultOf(spent, documents, count);
    } finally {
      await client.db(database).dropDatabase();
      await client.close();
    }
  },
};
