import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { utc } from "../../stores/lineage-store/calendar.js";
import { byMessage, fold, incrementsByRecord } from "../../stores/lineage-store/fold.js";
import type { LineageStore, PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { addIncrements } from "../../stores/lineage-store/mongo/mongo-rollups.js";
import { createRandom } from "../simulation/random.js";
import { rollupFaults } from "../support/rollups.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);
const database = uniqueName("crashes");
const startMs = Date.UTC(2026, 4, 1, 23, 58);
let client: MongoClient;
let store: LineageStore;

beforeAll(async () => {
  client = await MongoClient.connect(serverAddress("MONGO"));
  store = createMongoLineage({ url: serverAddress("MONGO"), database });
  await store.prepare();
});
afterAll(async () => {
  await client.db(database).dropDatabase();
  await client.close();
  await store.close();
});

/** The steps of some messages, each a record of its own, in an order of chance that keeps each message's. */
const recordsOf = (tenant: string, seed: number): PositionedEvent[] => {
  const random = createRandom(seed, "records");
  const waiting = Array.from({ length: 40 }, (_, index): LineageStepEvent[] => {
    const step = (stage: LineageStepEvent["stage"], more: Partial<LineageStepEvent>): LineageStepEvent => ({
      eventId: `${tenant}-${index}:${stage}:${more.attempt ?? 0}`,
      messageId: `${tenant}-${index}`,
      tenant,
      channel: "sms",
      lane: "high",
      stage,
      outcome: "ok",
      status: null,
      reason: null,
      attempt: 0,
      at: startMs + index * 4_000,
      instance: "test",
      provider: null,
      to: null,
      details: {},
      ...more,
    });
    const provider = index % 3 === 0 ? "kaleyra" : "twilio";
    return [
      step("accept", { status: "accepted", details: index % 2 ? { country: "IN" } : {} }),
      step("dispatch", { status: "dispatched", attempt: 1, provider: "kaleyra", details: { tookMs: "20", cost: "0.5", currency: "INR" } }),
      step("dispatch", { status: "dispatched", attempt: 2, provider, details: { tookMs: "30" } }),
      step("feedback", {
        status: index % 5 ? "delivered" : "failed",
        reason: index % 5 ? null : "recipient_rejected",
        attempt: 2,
        provider,
      }),
    ];
  });
  const events: PositionedEvent[] = [];
  while (waiting.some((steps) => steps.length > 0)) {
    const event = random.pick(waiting.filter((steps) => steps.length > 0)).shift();
    if (event) events.push({ event, partition: seed % 3, offset: events.length * 2 });
  }
  return events;
};

/** A worker that ends after it has counted a batch, with some of its documents written or none. */
const crash = async (batch: readonly PositionedEvent[], written: (messageId: string) => boolean): Promise<void> => {
  const messages = byMessage(batch);
  const stored = new Map(await Promise.all([...messages.keys()].map(async (id) => [id, await store.find(id)] as const)));
  const folded = [...messages].flatMap(([id, group]) => fold(stored.get(id), group) ?? []);
  await addIncrements(client.db(database), utc, {
    events: batch,
    increments: folded.flatMap(({ increments }) => increments),
    visits: folded.flatMap(({ visits }) => visits),
    byRecord: () => [...messages].flatMap(([id, group]) => incrementsByRecord(stored.get(id), group)),
  });
  const some = batch.filter(({ event }) => written(event.messageId));
  if (some.length > 0) await store.append(some);
};

it.each(seeds)("counts each message once through crashes, redeliveries in other portions, and a replay: seed %i", async (seed) => {
  const random = createRandom(seed, "crashes");
  const tenant = uniqueName("tenant");
  const records = recordsOf(tenant, seed);
  let crashes = 0;
  for (let from = 0; from < records.length; ) {
    const batch = records.slice(from, from + random.between(1, 30));
    if (random.chance(0.4)) {
      crashes += 1;
      const share = random.pick([0, 0.5]);
      // of a message all that the batch holds is written, or nothing
      const written = new Set(batch.map(({ event }) => event.messageId).filter(() => random.chance(share)));
      await crash(batch, (id) => written.has(id));
    } else {
      await store.append(batch);
      from += batch.length;
    }
  }
  expect(crashes).toBeGreaterThan(2);
  expect(await rollupFaults(store, { tenant })).toEqual([]);
  for (let from = 0; from < records.length; from += 37) await store.append(records.slice(from, from + 37));
  expect(await rollupFaults(store, { tenant })).toEqual([]);
});
