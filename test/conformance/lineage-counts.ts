import { expect, it } from "vitest";
import { countsOf, rollupFaults } from "../support/rollups.js";
import { uniqueName } from "../support/scratch.js";
import { type LineageUnderTest, startMs } from "./lineage-under-test.js";

/** The counts of a LineageStore: each equals a count of its documents, whatever the order and the writers. */
export const itCountsMessages = (given: LineageUnderTest): void => {
  const { event, at, way } = given;

  it("counts by group, hour and day, exactly, also after a replay in other portions", async () => {
    const messages = Array.from({ length: 30 }, () => uniqueName("message"));
    const template = (index: number): Record<string, string> => (index % 3 === 2 ? {} : { template: index % 3 === 0 ? "otp" : "receipt" });
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
    for (let start = 0; start < events.length; start += 50) await given.store.append(events.slice(start, start + 50));
    for (let start = 0; start < events.length; start += 70) await given.store.append(events.slice(start, start + 70));
    expect(await rollupFaults(given.store, { tenant: given.tenant })).toEqual([]);
    expect(await countsOf(given.store, { tenant: given.tenant })).toEqual({
      messages: 30,
      attempts: 24,
      statuses: { enriched: 6, delivered: 24 },
      reasons: {},
    });
    const inKerala = await given.store.query("rollups_daily", {
      tenant: given.tenant,
      region: "IN-KL",
      template: "otp",
      "statuses.delivered": { $gt: 0 },
    });
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
    const sums = await given.store.sum(
      "rollups_daily",
      { tenant: given.tenant, country: "IN" },
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
    expect(await given.store.sum("rollups_daily_totals", { tenant: given.tenant }, { by: [], measures: ["costs"] })).toMatchObject([
      { by: {}, messages: 30, costs: { INR: 300_000 } },
    ]);
    const hours = await given.store.query("rollups_hourly", {
      tenant: given.tenant,
      from: { $gte: new Date(startMs + 3_600_000), $lt: new Date(startMs + 7_200_000) },
    });
    expect(hours.reduce((sum, { messages: counted }) => sum + counted, 0)).toBe(6);
  });

  it("moves a message from group to group as more becomes known of it, in whatever order", async () => {
    const id = uniqueName("message");
    for (const one of way(id).reverse()) await given.store.append(at([one]));
    expect(await rollupFaults(given.store, { tenant: given.tenant })).toEqual([]);
    expect(await countsOf(given.store, { tenant: given.tenant })).toMatchObject({ messages: 1, statuses: { delivered: 1 } });
  });

  it("counts all documents anew, and comes to the same", async () => {
    const ids = Array.from({ length: 8 }, () => uniqueName("message"));
    await given.store.append(at(ids.flatMap((id, index) => way(id).map((one) => ({ ...one, at: one.at + index * 20 * 3_600_000 })))));
    const before = await countsOf(given.store, { tenant: given.tenant });
    const told: number[] = [];
    expect(await given.store.recount((documents) => told.push(documents))).toBeGreaterThanOrEqual(8);
    expect(told.at(-1)).toBeGreaterThanOrEqual(8);
    expect(await rollupFaults(given.store, { tenant: given.tenant })).toEqual([]);
    expect(await countsOf(given.store, { tenant: given.tenant })).toEqual(before);
    // later steps continue from there
    await given.store.append(at([event(ids[0] ?? "", "response_handle", 50, { outcome: "engaged", details: { event: "opened" } })]));
    await given.store.append(at(way(uniqueName("message"))));
    expect(await rollupFaults(given.store, { tenant: given.tenant })).toEqual([]);
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
      for (let start = from; start < events.length; start += portion) await given.store.append(events.slice(start, start + portion));
    };
    await Promise.all([write(0, 13), write(0, 29), write(0, 17)]);
    expect(await rollupFaults(given.store, { tenant: given.tenant })).toEqual([]);
    expect(await countsOf(given.store, { tenant: given.tenant })).toMatchObject({
      messages: 40,
      attempts: 40,
      statuses: { delivered: 40 },
    });
  }, 30_000);
};
