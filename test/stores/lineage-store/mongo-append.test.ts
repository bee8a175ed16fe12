import { describe, expect, it } from "vitest";
import type { LineageStepEvent } from "../../../schemas/lineage-steps.js";
import { utc } from "../../../stores/lineage-store/calendar.js";
import { byMessage, fold } from "../../../stores/lineage-store/fold.js";
import type { LineageReader, MessageDocument, PositionedEvent } from "../../../stores/lineage-store/lineage-store.js";
import { appendToMongo } from "../../../stores/lineage-store/mongo/mongo-append.js";
import { createRandom, type Random } from "../../simulation/random.js";
import { FakeMongo, type Turn } from "../../support/fake-mongo.js";
import { lineageRecords, lineageStep } from "../../support/lineage-records.js";
import { rollupFaults } from "../../support/rollups.js";

const tenant = "tenant";
const now: Turn = async () => undefined;

class Crash extends Error {}

/** Lets one waiting operation proceed at a time, in random order. */
const createTurns = (random: Random) => {
  const waiting: (() => void)[] = [];
  return {
    take: (): Promise<void> => new Promise((resolve) => void waiting.push(resolve)),
    run: async (isOver: () => boolean): Promise<void> => {
      while (!isOver()) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = waiting.splice(random.between(0, waiting.length - 1), 1);
        next?.();
      }
    },
  };
};

const crashAtRollups: Turn = async (operation, collection) => {
  if (operation === "bulkWrite" && collection.startsWith("rollups_")) throw new Crash();
};

const append = (mongo: FakeMongo, events: readonly PositionedEvent[]): Promise<void> => appendToMongo(mongo.database(now), utc, events);

const step = (index: number, stage: LineageStepEvent["stage"], offset: number, more: Partial<LineageStepEvent> = {}): PositionedEvent => ({
  event: lineageStep(tenant, index, stage, more),
  partition: 0,
  offset,
});

const faultsOf = (mongo: FakeMongo): Promise<string[]> => rollupFaults(mongo.reader() as LineageReader, { tenant });

const documentsOf = (mongo: FakeMongo): readonly MessageDocument[] =>
  [...mongo.documentsOf("messages_sms").values()] as unknown as MessageDocument[];

const byId = (one: { readonly _id: string }, other: { readonly _id: string }): number => (one._id < other._id ? -1 : 1);

const lineageOf = ({ _id, lineage, status, provider, lane, costs }: MessageDocument) => ({
  ...{ _id, status, provider, lane, costs },
  lineage: lineage.map(({ eventId }) => eventId),
});

/**
 * A partition with one owner at a time, which reads batches from the committed offset. An owner may end anywhere in a batch, or lose the
 * partition and continue its batch concurrently with its successor.
 */
const workOff = async (mongo: FakeMongo, records: readonly PositionedEvent[], random: Random): Promise<void> => {
  const turns = createTurns(random);
  let [committed, owner, ended] = [0, 0, false];
  const zombies: Promise<void>[] = [];
  const write = async (self: number, batch: readonly PositionedEvent[], endsAt: number): Promise<void> => {
    let seen = 0;
    const turn: Turn = async () => {
      seen += 1;
      if (seen > endsAt) throw new Crash();
      await turns.take();
    };
    await appendToMongo(mongo.database(turn), utc, batch);
    if (self === owner) committed += batch.length;
  };
  const own = async (): Promise<void> => {
    while (committed < records.length) {
      const batch = records.slice(committed, committed + random.between(1, 16));
      const crashes = random.chance(0.4);
      const work = write(owner, batch, crashes ? random.between(0, 60) : Number.POSITIVE_INFINITY).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      if (!crashes && random.chance(0.3)) {
        // the partition moves during the batch
        for (let some = random.between(0, 60); some > 0; some -= 1) await turns.take();
        owner += 1;
        zombies.push(work);
      } else await work;
    }
    await Promise.all(zombies);
    ended = true;
  };
  await Promise.all([own(), turns.run(() => ended)]);
};

describe("documents and counts in MongoDB", () => {
  it.each(Array.from({ length: 60 }, (_, index) => index + 1))(
    "are exact through crashes anywhere, other portions, and two writers at once: seed %i",
    async (seed) => {
      const random = createRandom(seed, "append");
      const mongo = new FakeMongo(random.shuffled);
      const records = lineageRecords(tenant, random, { messages: 12, partition: 0 });
      await workOff(mongo, records, random);
      expect(await faultsOf(mongo)).toEqual([]);
      const wanted = [...byMessage(records).values()].flatMap((events) => fold(undefined, events)?.document ?? []);
      expect(documentsOf(mongo).map(lineageOf).sort(byId)).toEqual(wanted.map(lineageOf).sort(byId));
      for (let from = 0; from < records.length; ) {
        const batch = records.slice(from, from + random.between(1, 40));
        await appendToMongo(mongo.database(now), utc, batch);
        from += batch.length;
      }
      expect(await faultsOf(mongo)).toEqual([]);
    },
  );

  it("are written without a read where messages are new", async () => {
    const mongo = new FakeMongo();
    const records = lineageRecords(tenant, createRandom(1, "new"), { messages: 12, partition: 0 });
    const operations: string[] = [];
    const turn: Turn = async (operation, collection) => void operations.push(`${operation} ${collection}`);
    await appendToMongo(mongo.database(turn), utc, records);
    expect(new Set(operations.slice(0, 12))).toEqual(new Set(["insertMany messages_sms"]));
    expect(operations.slice(12).every((operation) => operation.startsWith("bulkWrite rollups_"))).toBe(true);
    expect(await faultsOf(mongo)).toEqual([]);
  });

  it("are left as they are by an event that cannot be counted", async () => {
    const mongo = new FakeMongo();
    const events = [step(0, "accept", 1), step(1, "accept", 2, { at: 9_000_000_000_000_000 })];
    await expect(append(mongo, events)).rejects.toThrow(RangeError);
    expect(documentsOf(mongo)).toEqual([]);
    expect(mongo.documentsOf("rollups_hourly").size).toBe(0);
  });

  it("are counted once where a writer that lost the partition ends with a part of what its successor wrote", async () => {
    const mongo = new FakeMongo();
    const events = [step(0, "accept", 1), step(0, "dispatch", 2, { provider: "kaleyra", attempt: 1 })];
    await append(mongo, events);
    await append(mongo, events.slice(0, 1));
    expect(await faultsOf(mongo)).toEqual([]);
  });

  it("are counted once where a document changes from another partition before its creation is counted", async () => {
    const mongo = new FakeMongo();
    const events = [step(0, "accept", 1), step(0, "dispatch", 2, { provider: "kaleyra", attempt: 1 })];
    await expect(appendToMongo(mongo.database(crashAtRollups), utc, events)).rejects.toThrow(Crash);
    await append(mongo, [
      { event: lineageStep(tenant, 0, "feedback", { status: "delivered", provider: "twilio" }), partition: 1, offset: 7 },
    ]);
    await append(mongo, events.slice(0, 1));
    expect(await faultsOf(mongo)).not.toEqual([]);
    await append(mongo, events.slice(1));
    expect(await faultsOf(mongo)).toEqual([]);
    await append(mongo, [step(0, "webhook", 3)]);
    expect(mongo.documentsOf("messages_sms").get(`${tenant}-0`)).not.toHaveProperty("born");
    for (const event of events) await append(mongo, [event]);
    expect(await faultsOf(mongo)).toEqual([]);
  });

  it("are read again where most of a batch is there already, and the rest is new", async () => {
    const mongo = new FakeMongo();
    const events = [0, 1, 2].flatMap((index) => [step(index, "accept", index * 2), step(index, "dispatch", index * 2 + 1, { attempt: 1 })]);
    await append(mongo, events.slice(0, 3));
    await append(mongo, events);
    expect(documentsOf(mongo).map(({ lineage }) => lineage.length)).toEqual([2, 2, 2]);
    expect(await faultsOf(mongo)).toEqual([]);
  });
});
