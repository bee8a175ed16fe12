import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReports, type Reports } from "../../reports/reports.js";
import { usageParameters } from "../../reports/usage.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { openEmbeddedStores } from "../../service/embedded-stores.js";
import { loadConfig } from "../../service/load-config.js";
import type { Stores } from "../../stores/stores.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "../http/walked-server.js";
import { scratchFolder } from "../support/scratch.js";

const bare = { lane: "normal", reason: null, instance: "test", provider: null, to: null } as const;

const stepsOf = (messageId: string, tenant: string, channel: string, acceptedAt: string, end: string | null): LineageStepEvent[] => {
  const common = { ...bare, messageId, tenant, channel };
  const at = Date.parse(acceptedAt);
  const accepted = { stage: "accept", outcome: "accepted", status: "accepted", attempt: 0, at, details: {} } as const;
  const ended = end === null ? [] : [{ stage: "feedback", outcome: end, status: end, attempt: 1, at: at + 900, details: {} } as const];
  return [accepted, ...ended].map((step) => ({ ...common, ...step, eventId: `${messageId}:${step.stage}` }) as LineageStepEvent);
};

describe("the usage", () => {
  const folder = scratchFolder();
  const nowMs = Date.parse("2026-11-30T18:00:00Z");
  let stores: Stores;
  let reports: Reports;
  beforeAll(async () => {
    // 2026-11-29T18:30:00Z is midnight in India
    const overrides = { dataDir: folder.path, http: { enabled: false }, reports: { timeZone: "Asia/Kolkata" } };
    const config = loadConfig({ environment: {}, overrides });
    const clock = createVirtualClock(nowMs);
    stores = openEmbeddedStores(config, clock, () => undefined);
    const events = [
      ...stepsOf("one", "shop", "email", "2026-11-29T18:29:59Z", "delivered"),
      ...stepsOf("two", "shop", "email", "2026-11-29T18:30:00Z", "failed"),
      ...stepsOf("three", "shop", "email", "2026-11-30T10:00:00Z", null),
      ...stepsOf("four", "shop", "sms", "2026-11-30T10:00:00Z", "delivered"),
      ...stepsOf("five", "bank", "sms", "2026-11-30T10:00:00Z", "delivered"),
    ];
    await stores.lineage.append(events.map((event, offset) => ({ event, partition: 99, offset })));
    reports = createReports(config, stores.lineage, clock);
  });
  afterAll(async () => {
    await stores.close();
    folder.remove();
  });

  const rowsOf = async (given: object, tenant?: string) =>
    (await reports.usage(usageParameters.parse(given), tenant)).items.map((row) =>
      [row.day, row.tenant, row.channel, row.messages, row.delivered, row.failed].join(" "),
    );

  it("counts each day of the reports' time zone, by tenant and channel, in this order", async () => {
    const days = ["2026-11-29 shop email 1 1 0", "2026-11-30 bank sms 1 1 0", "2026-11-30 shop email 2 0 1", "2026-11-30 shop sms 1 1 0"];
    expect(await rowsOf({})).toEqual(days);
    expect(await rowsOf({}, "bank")).toEqual(days.slice(1, 2));
    expect(await reports.usage(usageParameters.parse({ from: "-1d" }), undefined)).toMatchObject({
      ...{ from: "2026-11-28T18:30:00.000Z", to: "2026-11-30T18:30:00.000Z", timeZone: "Asia/Kolkata" },
    });
  });

  it("counts whole days, whatever the time", async () => {
    expect(await rowsOf({ from: "2026-11-29T23:00:00Z", to: "2026-11-29T23:30:00Z" })).toHaveLength(3);
    expect(await rowsOf({ from: "2026-11-29", to: "2026-11-30" })).toEqual(["2026-11-29 shop email 1 1 0"]);
    for (const given of [{ from: "now" }, { from: "-3000d" }, { from: "soon" }])
      await expect(rowsOf(given), JSON.stringify(given)).rejects.toMatchObject({ code: "FILTER_REFUSED", field: "from" });
  });

  it("is shown to a tenant for itself, and to operators for any", async () => {
    const { carillon, stop } = await startWithRoutes({ apiKeys });
    const ask = (key: string, query = "") => call(carillon.url, "GET", `/v1/usage${query}`, asKey(key));
    try {
      expect(JSON.parse((await ask(keys.acme)).text)).toMatchObject({ items: [], cursor: null });
      expect((await ask(keys.acme, "?tenant=acme")).status).toBe(200);
      expect(await ask(keys.acme, "?tenant=other")).toMatchObject({ status: 403 });
      expect((await ask(keys.operations, "?tenant=other")).status).toBe(200);
      const csv = await ask(keys.operations, "?format=csv");
      expect(csv.headers["content-type"]).toContain("text/csv");
      expect(csv.text).toMatch(/^"?day"?,"?tenant"?,"?channel"?,"?messages"?/);
      const refused = await ask(keys.acme, "?from=soon&format=xml&day=1");
      expect(refused.status).toBe(400);
      expect((JSON.parse(refused.text) as { errors: { field: string }[] }).errors.map(({ field }) => field)).toEqual(["format", "day"]);
    } finally {
      await stop();
    }
  });
});
