import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import type { LineageStore, PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import { countsOf, rollupFaults } from "../support/rollups.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";
import { describeLineageQueries } from "./lineage-queries.js";

const startMs = Date.UTC(2026, 4, 1, 12);

/** Conformance suite of LineageStore. */
export const describeLineageStore = (factory: PortFactory<LineageStore>): void => {
  describe(`LineageStore on ${factory.name}`, () => {
    let store: LineageStore;
    let tenant: string;
    let offset = 0;
    const nextOffset = (): number => {
      offset += 1;
      return offset;
    };
    beforeAll(async () => {
      store = await factory.open();
      await store.prepare();
      await store.prepare();
    });
    beforeEach(() => {
      tenant = uniqueName("tenant");
    });
    afterAll(async () => {
      await store.close();
      await factory.dispose?.();
    });

    const event = (
      messageId: string,
      stage: LineageStepEvent["stage"],
      afterMs: number,
      more: Partial<LineageStepEvent> = {},
    ): LineageStepEvent => ({
      eventId: `${messageId}:${stage}:${more.attempt ?? 0}:${more.outcome ?? "ok"}`,
      messageId,
      tenant,
      channel: "sms",
      lane: "high",
      stage,
      outcome: "ok",
      status: null,
      reason: null,
      attempt: 0,
      at: startMs + afterMs,
      instance: "test",
      provider: null,
      to: null,
      details: {},
      ...more,
    });
    const at = (events: readonly LineageStepEvent[]): PositionedEvent[] =>
      events.map((one) => ({ event: one, partition: 0, offset: nextOffset() }));
    const way = (id: string): LineageStepEvent[] => [
      event(id, "accept", 0, { outcome: "accepted", status: "accepted", to: "+14155550100" }),
      event(id, "validate", 1, { status: "validated" }),
      event(id, "enrich", 2, { status: "enriched" }),
      event(id, "route", 3, { status: "queued" }),
      event(id, "dispatch", 4, { status: "dispatched", attempt: 1, provider: "sandbox" }),
      event(id, "feedback", 5, { outcome: "delivered", status: "delivered", attempt: 1, provider: "sandbox" }),
    ];

    it("folds a message's events into one document, in order of time", async () => {
      const id = uniqueName("message");
      await store.append(at(way(id)));
      expect(await store.find(id)).toMatchObject({
        _id: id,
        tenant,
        channel: "sms",
        to: "+14155550100",
        status: "delivered",
        final: true,
        attempts: 1,
        provider: "sandbox",
        acceptedAt: new Date(startMs),
        finalAt: new Date(startMs + 5),
      });
      expect((await store.find(id))?.lineage.map((entry) => entry.stage)).toEqual([
        "accept",
        "validate",
        "enrich",
        "route",
        "dispatch",
        "feedback",
      ]);
    });

    it("comes to the same document in whatever order and portions events arrive", async () => {
      const [first, second] = [uniqueName("message"), uniqueName("message")];
      await store.append(at(way(first)));
      for (const one of way(second).reverse()) await store.append(at([one]));
      const strip = async (id: string) => {
        const { _id, version, lineage, ...rest } = (await store.find(id)) ?? ({} as never);
        return { ...rest, lineage: lineage.map(({ eventId, ...entry }) => entry) };
      };
      expect(await strip(second)).toEqual(await strip(first));
    });

    it("takes each event once, however often it comes", async () => {
      const id = uniqueName("message");
      const events = at(way(id));
      await store.append(events);
      await store.append(events);
      await store.append([...events, ...events].slice(3));
      expect((await store.find(id))?.lineage).toHaveLength(6);
      expect(await countsOf(store, { tenant })).toMatchObject({ messages: 1, attempts: 1, statuses: { delivered: 1 } });
    });

    it("moves status only forward, and keeps the first final one", async () => {
      const id = uniqueName("message");
      await store.append(at(way(id)));
      await store.append(
        at([
          event(id, "route", 9, { outcome: "late", status: "queued" }),
          event(id, "feedback", 10, { outcome: "failed", status: "failed", reason: "attempts_exhausted" }),
        ]),
      );
      expect(await store.find(id)).toMatchObject({ status: "delivered", final: true, reason: null });
    });

    it("tells an event that cannot be kept from a store that does not answer", async () => {
      const id = uniqueName("message");
      const wrong = event(id, "accept", 0, { at: 9_000_000_000_000_000 });
      await expect(store.append(at([wrong]))).rejects.not.toMatchObject({ code: "UNAVAILABLE" });
      await store.append(at(way(id)));
      expect(await store.find(id)).toMatchObject({ status: "delivered" });
    });

    it("stays bounded however often a request is repeated", async () => {
      const id = uniqueName("message");
      await store.append(at(way(id)));
      const repeated = Array.from({ length: 250 }, (_, index) =>
        event(id, "validate", 10 + index, { eventId: `${id}:duplicate:${index}`, outcome: "duplicate", reason: "duplicate_request" }),
      );
      for (let start = 0; start < repeated.length; start += 60) await store.append(at(repeated.slice(start, start + 60)));
      expect((await store.find(id))?.lineage).toHaveLength(106);
      expect(await store.find(id)).toMatchObject({ status: "delivered", attempts: 1 });
    });

    it("keeps engagement beside the status", async () => {
      const id = uniqueName("message");
      await store.append(at(way(id)));
      const engaged = event(id, "response_handle", 20, { outcome: "engaged", details: { event: "complained" } });
      await store.append(at([engaged]));
      expect(await store.find(id)).toMatchObject({ status: "delivered", engagement: ["complained"] });
    });

    it("counts by group, hour and day, exactly, also after a replay in other portions", async () => {
      const messages = Array.from({ length: 30 }, () => uniqueName("message"));
      const template = (index: number): Record<string, string> =>
        index % 3 === 2 ? {} : { template: index % 3 === 0 ? "otp" : "receipt" };
      const told = (stage: string, index: number): Record<string, string> => {
        if (stage === "accept") return { country: "IN", ...(index % 2 ? { region: "IN-KL" } : {}), ...template(index) };
        return stage === "dispatch" ? { tookMs: "40", cost: "0.0125", costMode: "per_message", currency: "INR" } : {};
      };
      const events = at(
        messages.flatMap((id, index) =>
          way(id)
            .slice(0, index % 5 === 0 ? 3 : 6)
            .map((one) => ({
              ...one,
              at: one.at + index * 600_000,
              details: told(one.stage, index),
            })),
        ),
      );
      for (let start = 0; start < events.length; start += 50) await store.append(events.slice(start, start + 50));
      for (let start = 0; start < events.length; start += 70) await store.append(events.slice(start, start + 70));
      expect(await rollupFaults(store, { tenant })).toEqual([]);
      expect(await countsOf(store, { tenant })).toEqual({
        messages: 30,
        attempts: 24,
        statuses: { enriched: 6, delivered: 24 },
        reasons: {},
      });
      const inKerala = await store.query("rollups_daily", { tenant, region: "IN-KL", template: "otp", "statuses.delivered": { $gt: 0 } });
      expect(inKerala).toMatchObject([
        {
          provider: "sandbox",
          from: new Date(Date.UTC(2026, 4, 1)),
          messages: 4,
          statuses: { delivered: 4 },
          costs: { INR: 50_000 },
          toSent: { "50": 4 },
        },
      ]);
      const sums = await store.sum(
        "rollups_daily",
        { tenant, country: "IN" },
        { by: ["template", "from"], measures: ["statuses", "toSent"] },
      );
      expect([...sums].sort((one, other) => String(one.by.template).localeCompare(String(other.by.template)))).toEqual(
        [null, "otp", "receipt"].map((template) => ({
          by: { template, from: new Date(Date.UTC(2026, 4, 1)) },
          messages: 10,
          attempts: 8,
          statuses: { delivered: 8, enriched: 2 },
          reasons: {},
          engagements: {},
          costs: {},
          toSent: { "50": 8 },
          toDelivered: {},
        })),
      );
      expect(await store.sum("rollups_daily_totals", { tenant }, { by: [], measures: ["costs"] })).toMatchObject([
        { by: {}, messages: 30, costs: { INR: 300_000 } },
      ]);
      const hours = await store.query("rollups_hourly", {
        tenant,
        from: { $gte: new Date(startMs + 3_600_000), $lt: new Date(startMs + 7_200_000) },
      });
      expect(hours.reduce((sum, { messages: counted }) => sum + counted, 0)).toBe(6);
    });

    it("moves a message from group to group as more becomes known of it, in whatever order", async () => {
      const id = uniqueName("message");
      for (const one of way(id).reverse()) await store.append(at([one]));
      expect(await rollupFaults(store, { tenant })).toEqual([]);
      expect(await countsOf(store, { tenant })).toMatchObject({ messages: 1, statuses: { delivered: 1 } });
    });

    it("answers MongoDB filters, sorts, skips and limits", async () => {
      const messages = Array.from({ length: 5 }, (_, index) => [uniqueName("message"), index] as const);
      for (const [id, index] of messages) {
        const own = way(id).map((one) => ({ ...one, at: one.at + index * 1_000 }));
        await store.append(at(index === 4 ? own.slice(0, 4) : own));
      }
      const delivered = await store.query("messages_sms", { tenant, status: "delivered" }, { sort: { acceptedAt: -1 } });
      expect(delivered.map(({ _id }) => _id)).toEqual([3, 2, 1, 0].map((index) => messages[index]?.[0]));
      const page = await store.query(
        "messages_sms",
        { tenant, acceptedAt: { $gte: new Date(startMs + 1_000) } },
        { sort: { acceptedAt: 1 }, skip: 1, limit: 2 },
      );
      expect(page.map(({ _id }) => _id)).toEqual([2, 3].map((index) => messages[index]?.[0]));
      expect(await store.query("messages_sms", { tenant, lineage: { $elemMatch: { stage: "dispatch", attempt: 1 } } })).toHaveLength(4);
      expect(await store.query("messages_email", { tenant })).toEqual([]);
    });

    it("aggregates", async () => {
      for (let index = 0; index < 3; index += 1) await store.append(at(way(uniqueName("message"))));
      await store.append(at(way(uniqueName("message")).slice(0, 2)));
      const counts = await store.aggregate("messages_sms", [
        { $match: { tenant } },
        { $group: { _id: "$status", count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ]);
      expect(counts).toEqual([
        { _id: "delivered", count: 3 },
        { _id: "validated", count: 1 },
      ]);
    });

    it("keeps messages of unknown channels, and finds them by id", async () => {
      const id = uniqueName("message");
      await store.append(
        at([
          event(id, "accept", 0, { channel: "pigeon", status: "accepted" }),
          event(id, "validate", 1, { channel: "pigeon", status: "failed", outcome: "failed", reason: "unknown_channel" }),
        ]),
      );
      expect(await store.find(id)).toMatchObject({ channel: "pigeon", status: "failed", reason: "unknown_channel" });
      expect(await store.find("unknown")).toBeUndefined();
    });

    it("counts all documents anew, and comes to the same", async () => {
      const ids = Array.from({ length: 8 }, () => uniqueName("message"));
      await store.append(at(ids.flatMap((id, index) => way(id).map((one) => ({ ...one, at: one.at + index * 20 * 3_600_000 })))));
      const before = await countsOf(store, { tenant });
      const told: number[] = [];
      expect(await store.recount((documents) => told.push(documents))).toBeGreaterThanOrEqual(8);
      expect(told.at(-1)).toBeGreaterThanOrEqual(8);
      expect(await rollupFaults(store, { tenant })).toEqual([]);
      expect(await countsOf(store, { tenant })).toEqual(before);
      // later steps continue from there
      await store.append(at([event(ids[0] ?? "", "response_handle", 50, { outcome: "engaged", details: { event: "opened" } })]));
      await store.append(at(way(uniqueName("message"))));
      expect(await rollupFaults(store, { tenant })).toEqual([]);
    });

    it("replaces documents as they were read, and leaves what was changed meanwhile", async () => {
      const [one, other] = [uniqueName("message"), uniqueName("message")];
      await store.append(at([...way(one), ...way(other)]));
      const read = await store.query("messages_sms", { tenant });
      await store.append(at([event(other, "response_handle", 50, { outcome: "engaged", details: { event: "opened" } })]));
      expect(await store.replace(read.map((document) => ({ ...document, to: null })))).toBe(1);
      expect(await store.find(one)).toMatchObject({ to: null, status: "delivered", lineage: { length: 6 } });
      expect(await store.find(other)).toMatchObject({ to: "+14155550100", engagement: ["opened"] });
      expect(await store.query("messages_sms", { tenant, to: "+14155550100" })).toMatchObject([{ _id: other }]);
      expect(await store.replace([])).toBe(0);
      // later steps continue from there
      await store.append(at([event(one, "response_handle", 60, { outcome: "engaged", details: { event: "clicked" } })]));
      expect(await store.find(one)).toMatchObject({ to: null, engagement: ["clicked"] });
      expect(await rollupFaults(store, { tenant })).toEqual([]);
    });

    it("forgets what is older, where it does not do so by itself", async () => {
      if (!store.forget) return;
      const [old, fresh] = [uniqueName("message"), uniqueName("message")];
      await store.append(at(way(old).map((one) => ({ ...one, at: one.at - 40 * 86_400_000 }))));
      await store.append(at(way(fresh)));
      const limit = new Date(startMs - 30 * 86_400_000);
      await store.forget({ messages: limit, hourly: limit, daily: new Date(0) }, new AbortController().signal);
      expect(await store.find(old)).toBeUndefined();
      expect(await store.count("messages_sms", { tenant })).toBe(1);
      expect(await store.query("rollups_hourly", { tenant, from: { $lt: limit } })).toEqual([]);
      expect((await countsOf(store, { tenant })).messages).toBe(2);
    });

    describeLineageQueries(() => store);

    it("lets writers of one message at the same time lose nothing", async () => {
      const id = uniqueName("message");
      const events = at(way(id));
      await Promise.all(events.map((one) => store.append([one])));
      expect((await store.find(id))?.lineage).toHaveLength(6);
    });

    it("counts each message once where two write the same stretch of a partition at the same time", async () => {
      const ways = Array.from({ length: 40 }, () => way(uniqueName("message")));
      // their steps are interleaved, as in the log
      const events = at(
        ways
          .flatMap((steps, index) => steps.map((one, step) => ({ one, place: index + step * 7 })))
          .sort((a, b) => a.place - b.place)
          .map(({ one }) => one),
      );
      const write = async (from: number, portion: number): Promise<void> => {
        for (let start = from; start < events.length; start += portion) await store.append(events.slice(start, start + portion));
      };
      await Promise.all([write(0, 13), write(0, 29), write(0, 17)]);
      expect(await rollupFaults(store, { tenant })).toEqual([]);
      expect(await countsOf(store, { tenant })).toMatchObject({ messages: 40, attempts: 40, statuses: { delivered: 40 } });
    }, 30_000);
  });
};
