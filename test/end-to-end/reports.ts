import { describe, expect, it } from "vitest";
import type { List } from "../../http/contract/list.js";
import type { MessageView } from "../../operations/message-view.js";
import type { Summary } from "../../reports/summary.js";
import { rollupFaults } from "../support/rollups.js";
import { itAnswersCollectionQueries } from "./collection-queries.js";
import { type DeliveryOptions, nameOf } from "./harness.js";
import { itRefusesQueries } from "./report-refusals.js";
import { asked, senderKey, setUpReportedDelivery } from "./reported-delivery.js";

/** Analyst queries over HTTP, for messages that passed through every stage. */
export const describeReports = (options: DeliveryOptions): void => {
  describe(`reports, ${nameOf(options)}`, () => {
    const given = setUpReportedDelivery(options);
    const { get } = given;

    it("tells what there is to ask", async () => {
      const { body } = await get("/reports");
      expect(body.collections).toContain("messages_sms");
      expect(body.aggregations.map(({ name }: { name: string }) => name)).toEqual(
        expect.arrayContaining(["by-status", "by-provider", "by-reason", "recipients", "by-template"]),
      );
    });

    it("answers how many one-time passwords reached Kerala, by provider, and how fast", async () => {
      const question = { from: "today", by: "provider", template: "otp", region: "IN-KL", show: "statuses,latency,costs" };
      const { status, body } = await get(`/reports/summary?${asked(question)}`);
      expect(status).toBe(200);
      const { rows, total } = body as Summary;
      expect(rows).toMatchObject([
        { by: { provider: "sandbox" }, messages: 4, statuses: { delivered: 4 }, deliveryRate: 1, costs: { INR: 0.05 } },
      ]);
      expect(rows[0]?.deliveryLatencyMs?.p95).toBeGreaterThanOrEqual(50);
      expect(rows[0]?.deliveryLatencyMs?.p95).toBeLessThan(30_000);
      expect(rows[0]?.sendLatencyMs?.p50).toBeLessThan(30_000);
      expect(total.messages).toBe(4);
    });

    it("adds up by several fields, hours and days, and for what has none", async () => {
      const byHour = (await get(`/reports/summary?${asked({ from: "-2h", by: "hour,channel" })}`)).body as Summary;
      expect(byHour.unit).toBe("hour");
      expect(byHour.rows.reduce((sum, { messages }) => sum + messages, 0)).toBe(7);
      const days = (await get(`/reports/summary?${asked({ from: "yesterday", by: "day,country" })}`)).body as Summary;
      expect(Object.fromEntries(days.rows.map(({ by, messages }) => [by.country, messages]))).toEqual({ IN: 5, US: 1, null: 1 });
      const none = (await get(`/reports/summary?${asked({ from: "today", template: "none", by: "tenant", show: "reasons" })}`))
        .body as Summary;
      expect(none.rows).toMatchObject([{ by: { tenant: "shop" }, messages: 2, reasons: { recipient_rejected: 1 } }]);
    });

    it("finds by recipient or id, says why in a sentence, and pages", async () => {
      const byRecipient = (await get(`/reports/messages?${asked({ q: "bounce@sandbox.carillon.test" })}`)).body as List<MessageView>;
      expect(byRecipient.items).toMatchObject([{ id: given.refused, status: "failed", reason: "recipient_rejected" }]);
      expect(byRecipient.items[0]?.why).toMatch(/^failed at .*, after 1 attempt, the last by sandbox: .*\(recipient_rejected\)/);
      expect((await get(`/reports/messages?${asked({ q: given.refused })}`)).body.items).toHaveLength(1);
      expect((await get(`/reports/messages?${asked({ q: "+91 98123 45100" })}`)).body.items).toHaveLength(1);
      const first = (await get(`/reports/messages?${asked({ limit: "4" })}`)).body;
      const rest = (await get(`/reports/messages?${asked({ limit: "4", cursor: first.cursor })}`)).body;
      expect(new Set([...first.items, ...rest.items].map(({ id }) => id))).toEqual(new Set(given.ids));
      expect(rest.cursor).toBeNull();
    });

    it("shows a tenant's key nothing of other tenants", async () => {
      expect((await get("/reports/messages", senderKey)).body.items.map(({ tenant }: MessageView) => tenant)).toEqual(["shop", "shop"]);
      expect((await get('/reports/messages_sms/_size?filter={"tenant":"bank"}', senderKey)).body).toEqual({ _size: 0 });
      expect((await get(`/reports/summary?${asked({ from: "today" })}`, senderKey)).body.total.messages).toBe(2);
      expect((await get('/reports/messages_sms/_aggrs/by-template?avars={"status":"delivered"}', senderKey)).body).toEqual([
        { _id: null, messages: 1 },
      ]);
      expect((await get("/reports/messages", "nobody's key")).status).toBe(401);
    });

    itAnswersCollectionQueries(given);
    itRefusesQueries(given);

    it("keeps counts that equal an aggregation over the documents", async () => {
      expect(await rollupFaults(given.delivery.stores.lineage, {})).toEqual([]);
    });
  });
};
