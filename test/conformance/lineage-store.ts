import { describe, expect, it } from "vitest";
import type { LineageStore } from "../../stores/lineage-store/lineage-store.js";
import { countsOf, rollupFaults } from "../support/rollups.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";
import { itCountsMessages } from "./lineage-counts.js";
import { describeLineageQueries } from "./lineage-queries.js";
import { setUpLineageStore, startMs } from "./lineage-under-test.js";

/** Conformance suite of LineageStore. */
export const describeLineageStore = (factory: PortFactory<LineageStore>): void => {
  describe(`LineageStore on ${factory.name}`, () => {
    const given = setUpLineageStore(factory);
    const { event, at, way } = given;

    it("folds a message's events into one document, in order of time", async () => {
      const id = uniqueName("message");
      await given.store.append(at(way(id)));
      expect(await given.store.find(id)).toMatchObject({
        _id: id,
        tenant: given.tenant,
        channel: "sms",
        to: "+14155550100",
        status: "delivered",
        final: true,
        attempts: 1,
        provider: "sandbox",
        acceptedAt: new Date(startMs),
        finalAt: new Date(startMs + 5),
      });
      expect((await given.store.find(id))?.lineage.map((entry) => entry.stage)).toEqual([
        "accept",
        "validate",
        "enrich",
        "route",
        "dispatch",
        "feedback",
      ]);
    });

    it("finds the messages of a user, newest first", async () => {
      const ids = [uniqueName("message"), uniqueName("message"), uniqueName("message")];
      for (const [index, id] of ids.entries()) {
        const [accept, ...others] = given.way(id);
        if (!accept) throw new Error("the message has no steps");
        const user: Record<string, string> = index === 1 ? {} : { user: `${given.tenant} ann` };
        await given.store.append(at([{ ...accept, at: startMs + index, details: user }, ...others]));
      }
      const filter = { tenant: given.tenant, user: `${given.tenant} ann` };
      const found = await given.store.query("messages_sms", filter, { sort: { acceptedAt: -1, _id: -1 } });
      expect(found.map(({ _id }) => _id)).toEqual([ids[2], ids[0]]);
      expect(await given.store.find(ids[1] ?? "")).not.toHaveProperty("user");
    });

    it("comes to the same document in whatever order and portions events arrive", async () => {
      const [first, second] = [uniqueName("message"), uniqueName("message")];
      await given.store.append(at(way(first)));
      for (const one of way(second).reverse()) await given.store.append(at([one]));
      const strip = async (id: string) => {
        const { _id, version, lineage, ...rest } = (await given.store.find(id)) ?? ({} as never);
        return { ...rest, lineage: lineage.map(({ eventId, ...entry }) => entry) };
      };
      expect(await strip(second)).toEqual(await strip(first));
    });

    it("takes each event once, however often it comes", async () => {
      const id = uniqueName("message");
      const events = at(way(id));
      await given.store.append(events);
      await given.store.append(events);
      await given.store.append([...events, ...events].slice(3));
      expect((await given.store.find(id))?.lineage).toHaveLength(6);
      expect(await countsOf(given.store, { tenant: given.tenant })).toMatchObject({ messages: 1, attempts: 1, statuses: { delivered: 1 } });
    });

    it("moves status only forward, and keeps the first final one", async () => {
      const id = uniqueName("message");
      await given.store.append(at(way(id)));
      await given.store.append(
        at([
          event(id, "route", 9, { outcome: "late", status: "queued" }),
          event(id, "feedback", 10, { outcome: "failed", status: "failed", reason: "attempts_exhausted" }),
        ]),
      );
      expect(await given.store.find(id)).toMatchObject({ status: "delivered", final: true, reason: null });
    });

    it("tells an event that cannot be kept from a store that does not answer", async () => {
      const id = uniqueName("message");
      const wrong = event(id, "accept", 0, { at: 9_000_000_000_000_000 });
      await expect(given.store.append(at([wrong]))).rejects.not.toMatchObject({ code: "UNAVAILABLE" });
      await given.store.append(at(way(id)));
      expect(await given.store.find(id)).toMatchObject({ status: "delivered" });
    });

    it("stays bounded however often a request is repeated", async () => {
      const id = uniqueName("message");
      await given.store.append(at(way(id)));
      const repeated = Array.from({ length: 250 }, (_, index) =>
        event(id, "validate", 10 + index, { eventId: `${id}:duplicate:${index}`, outcome: "duplicate", reason: "duplicate_request" }),
      );
      for (let start = 0; start < repeated.length; start += 60) await given.store.append(at(repeated.slice(start, start + 60)));
      expect((await given.store.find(id))?.lineage).toHaveLength(106);
      expect(await given.store.find(id)).toMatchObject({ status: "delivered", attempts: 1 });
    });

    it("keeps engagement beside the status", async () => {
      const id = uniqueName("message");
      await given.store.append(at(way(id)));
      const engaged = event(id, "response_handle", 20, { outcome: "engaged", details: { event: "complained" } });
      await given.store.append(at([engaged]));
      expect(await given.store.find(id)).toMatchObject({ status: "delivered", engagement: ["complained"] });
    });

    it("answers MongoDB filters, sorts, skips and limits", async () => {
      const messages = Array.from({ length: 5 }, (_, index) => [uniqueName("message"), index] as const);
      for (const [id, index] of messages) {
        const own = way(id).map((one) => ({ ...one, at: one.at + index * 1_000 }));
        await given.store.append(at(index === 4 ? own.slice(0, 4) : own));
      }
      const delivered = await given.store.query(
        "messages_sms",
        { tenant: given.tenant, status: "delivered" },
        { sort: { acceptedAt: -1 } },
      );
      expect(delivered.map(({ _id }) => _id)).toEqual([3, 2, 1, 0].map((index) => messages[index]?.[0]));
      const page = await given.store.query(
        "messages_sms",
        { tenant: given.tenant, acceptedAt: { $gte: new Date(startMs + 1_000) } },
        { sort: { acceptedAt: 1 }, skip: 1, limit: 2 },
      );
      expect(page.map(({ _id }) => _id)).toEqual([2, 3].map((index) => messages[index]?.[0]));
      expect(
        await given.store.query("messages_sms", { tenant: given.tenant, lineage: { $elemMatch: { stage: "dispatch", attempt: 1 } } }),
      ).toHaveLength(4);
      expect(await given.store.query("messages_email", { tenant: given.tenant })).toEqual([]);
    });

    it("aggregates", async () => {
      for (let index = 0; index < 3; index += 1) await given.store.append(at(way(uniqueName("message"))));
      await given.store.append(at(way(uniqueName("message")).slice(0, 2)));
      const counts = await given.store.aggregate("messages_sms", [
        { $match: { tenant: given.tenant } },
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
      await given.store.append(
        at([
          event(id, "accept", 0, { channel: "pigeon", status: "accepted" }),
          event(id, "validate", 1, { channel: "pigeon", status: "failed", outcome: "failed", reason: "unknown_channel" }),
        ]),
      );
      expect(await given.store.find(id)).toMatchObject({ channel: "pigeon", status: "failed", reason: "unknown_channel" });
      expect(await given.store.find("unknown")).toBeUndefined();
    });

    it("replaces documents as they were read, and leaves what was changed meanwhile", async () => {
      const [one, other] = [uniqueName("message"), uniqueName("message")];
      await given.store.append(at([...way(one), ...way(other)]));
      const read = await given.store.query("messages_sms", { tenant: given.tenant });
      await given.store.append(at([event(other, "response_handle", 50, { outcome: "engaged", details: { event: "opened" } })]));
      expect(await given.store.replace(read.map((document) => ({ ...document, to: null })))).toBe(1);
      expect(await given.store.find(one)).toMatchObject({ to: null, status: "delivered", lineage: { length: 6 } });
      expect(await given.store.find(other)).toMatchObject({ to: "+14155550100", engagement: ["opened"] });
      expect(await given.store.query("messages_sms", { tenant: given.tenant, to: "+14155550100" })).toMatchObject([{ _id: other }]);
      expect(await given.store.replace([])).toBe(0);
      // later steps continue from there
      await given.store.append(at([event(one, "response_handle", 60, { outcome: "engaged", details: { event: "clicked" } })]));
      expect(await given.store.find(one)).toMatchObject({ to: null, engagement: ["clicked"] });
      expect(await rollupFaults(given.store, { tenant: given.tenant })).toEqual([]);
    });

    it("forgets what is older, where it does not do so by itself", async () => {
      if (!given.store.forget) return;
      const [old, fresh] = [uniqueName("message"), uniqueName("message")];
      await given.store.append(at(way(old).map((one) => ({ ...one, at: one.at - 40 * 86_400_000 }))));
      await given.store.append(at(way(fresh)));
      const limit = new Date(startMs - 30 * 86_400_000);
      await given.store.forget({ messages: limit, hourly: limit, daily: new Date(0) }, new AbortController().signal);
      expect(await given.store.find(old)).toBeUndefined();
      expect(await given.store.count("messages_sms", { tenant: given.tenant })).toBe(1);
      expect(await given.store.query("rollups_hourly", { tenant: given.tenant, from: { $lt: limit } })).toEqual([]);
      expect((await countsOf(given.store, { tenant: given.tenant })).messages).toBe(2);
    });

    describeLineageQueries(() => given.store);

    it("lets writers of one message at the same time lose nothing", async () => {
      const id = uniqueName("message");
      const events = at(way(id));
      await Promise.all(events.map((one) => given.store.append([one])));
      expect((await given.store.find(id))?.lineage).toHaveLength(6);
    });

    itCountsMessages(given);
  });
};
