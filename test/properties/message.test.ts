import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageRequested, ProviderReceipt, Status } from "../../schemas/generated.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import * as records from "../../schemas/records.js";
import { isFinal, statusRank } from "../../schemas/status.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import type { MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { createMemoryLineage } from "../../stores/lineage-store/memory-lineage.js";
import { emailTo, requestOf } from "../support/requests.js";
import { valuesOf } from "./avro-values.js";
import { fewer, nastyText, parameters, timeoutMs } from "./property.js";

const statuses = Object.keys(statusRank) as Status[];

const eventOf = (index: number, status: Status | null, at: number): LineageStepEvent => ({
  eventId: `m:${index}`,
  messageId: "m",
  tenant: "acme",
  channel: "sms",
  lane: "normal",
  stage: status === "accepted" ? "accept" : status === "dispatched" ? "dispatch" : "feedback",
  outcome: "ok",
  status,
  reason: null,
  attempt: 1,
  at,
  instance: "test",
  provider: null,
  to: null,
  details: {},
});

/** Events as the topic may deliver them: in any order, some repeated, in batches of any size. */
const told = fc
  .array(fc.tuple(fc.constantFrom(...statuses, null), fc.integer({ min: 1, max: 10_000 })), { minLength: 1, maxLength: 12 })
  .chain((steps) => {
    const events = steps.map(([status, at], index) => eventOf(index, status, at));
    return fc.tuple(
      fc.constant(events),
      fc.array(fc.nat(events.length - 1), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }),
    );
  })
  .map(([events, again, sizes]) => {
    const stream = [...events];
    for (const [place, index] of again.entries()) {
      const event = events[index];
      if (event) stream.splice((place * 7) % (stream.length + 1), 0, event);
    }
    return { events, stream, sizes };
  });

/** The document after each batch. */
const documentsOf = async (stream: readonly LineageStepEvent[], sizes: readonly number[]): Promise<MessageDocument[]> => {
  const store = createMemoryLineage();
  const documents: MessageDocument[] = [];
  let start = 0;
  for (let turn = 0; start < stream.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    await store.append(stream.slice(start, start + size).map((event, index) => ({ event, partition: 0, offset: start + index })));
    start += size;
    const document = await store.find("m");
    if (document) documents.push(document);
  }
  return documents;
};

describe("status", () => {
  it(
    "only moves forward, stays once final, and is the highest that was told, whatever order, repetition and batches",
    async () => {
      await fc.assert(
        fc.asyncProperty(told, async ({ events, stream, sizes }) => {
          const documents = await documentsOf(stream, sizes);
          for (const [index, document] of documents.entries()) {
            const before = documents[index - 1];
            if (!before) continue;
            expect(statusRank[document.status]).toBeGreaterThanOrEqual(statusRank[before.status]);
            if (before.final) expect([document.status, document.finalAt]).toEqual([before.status, before.finalAt]);
          }
          const last = documents.at(-1);
          const highest = Math.max(0, ...events.map(({ status }) => (status === null ? 0 : statusRank[status])));
          expect(statusRank[last?.status ?? "accepted"]).toBe(highest);
          expect(last?.final).toBe(isFinal(last?.status ?? "accepted"));
          expect(last?.lineage.map(({ eventId }) => eventId).sort()).toEqual(events.map(({ eventId }) => eventId).sort());
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});

describe("idempotency", () => {
  it(
    "sends one message a key and tenant, however often and in whatever order it is requested",
    async () => {
      const request = fc.record({
        tenant: fc.constantFrom("acme", "globex", "a:b", "a"),
        key: fc.constantFrom("k1", "b:k1", "k2", "k\n3", ":", "😀"),
        pauseMs: fc.constantFrom(0, 0, 10, 60_000, 3_600_000),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
          const driver = await createDeliveryTestDriver();
          for (const [index, { tenant, key, pauseMs }] of requests.entries()) {
            const input = { ...emailTo("success"), tenant, idempotencyKey: key, content: { text: JSON.stringify([tenant, key, index]) } };
            await driver.pipe(driver.assembly.families.requests, requestOf(input, driver.clock.now()));
            await driver.advance(pauseMs);
          }
          await driver.advance(60_000);
          // the first of each counts
          const firsts = new Map<string, string>();
          for (const [index, { tenant, key }] of requests.entries()) {
            const name = JSON.stringify([tenant, key]);
            if (!firsts.has(name)) firsts.set(name, JSON.stringify([tenant, key, index]));
          }
          expect(driver.delivered.map(({ content }) => content.text).sort()).toEqual([...firsts.values()].sort());
          expect(await driver.stores.timers.pending()).toBe(0);
        }),
        fewer(4),
      );
    },
    timeoutMs,
  );
});

describe("records that come from outside", () => {
  it(
    "as requests of any content end in one final status or among the dead letters",
    async () => {
      await fc.assert(
        fc.asyncProperty(valuesOf(records.messageRequested.schema), nastyText(20), async (value, tenant) => {
          const driver = await createDeliveryTestDriver();
          const request = { ...(value as MessageRequested), tenant };
          await driver.pipe(driver.assembly.families.requests, request);
          await driver.advance(4 * 24 * 3_600_000);
          const letters = await driver.read(driver.assembly.families.deadLetters);
          const told = await driver.read(driver.assembly.families.feedback);
          const document = await driver.lineage(told[0]?.messageId ?? "");
          expect([letters.length > 0, document?.final === true]).toContain(true);
          expect(told.length).toBeLessThanOrEqual(1);
        }),
        fewer(2),
      );
    },
    timeoutMs,
  );

  it(
    "as receipts of any content disturb no message: it still ends, in one status, told under one id",
    async () => {
      const receipts = fc.array(
        fc.tuple(valuesOf(records.providerReceipt.schema), fc.constantFrom("unknown", "ours", "response"), fc.nat(120_000)),
        { minLength: 1, maxLength: 6 },
      );
      await fc.assert(
        fc.asyncProperty(receipts, async (all) => {
          const driver = await createDeliveryTestDriver();
          const request = requestOf(emailTo("success"), driver.clock.now());
          await driver.pipe(driver.assembly.families.requests, request);
          const dispatched = (await driver.lineage(request.id))?.lineage.find(({ stage }) => stage === "dispatch");
          const providerMessageId = dispatched?.details.providerMessageId ?? null;
          expect(providerMessageId).not.toBeNull();
          for (const [value, about, pauseMs] of all) {
            const receipt = value as ProviderReceipt;
            await driver.pipe(driver.assembly.families.receipts, {
              ...receipt,
              ...(about === "ours" ? { messageId: request.id, attempt: 1 } : {}),
              ...(about === "response" ? { messageId: null, provider: "sandbox", providerMessageId } : {}),
            });
            await driver.advance(pauseMs);
          }
          await driver.advance(4 * 24 * 3_600_000);
          expect((await driver.lineage(request.id))?.final).toBe(true);
          // repeated feedback has the same id
          const final = (await driver.read(driver.assembly.families.feedback))
            .filter(({ messageId, kind }) => messageId === request.id && kind === "final")
            .map(({ feedbackId, status }) => `${feedbackId} ${status}`);
          expect(new Set(final).size).toBe(1);
        }),
        fewer(2),
      );
    },
    timeoutMs,
  );
});
