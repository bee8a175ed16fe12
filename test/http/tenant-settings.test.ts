import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTenantReader } from "../../access/tenant-reader.js";
import type { Carillon } from "../../service/carillon.js";
import { systemClock } from "../../stores/clock.js";
import { createAsk } from "./ask.js";
import { apiKeys, asKey, call, keys, startWithRoutes } from "./walked-server.js";

const none = { requestsPerSecond: null, messagesPerSecond: null, criticalPerSecond: null };

describe("the settings of a tenant", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const ask = createAsk(() => carillon.url);
  const operate = (method: string, path: string, body?: object) => ask(keys.operations, method, path, body);
  const tenantWith = async (id: string): Promise<{ readonly path: string; readonly manage: string; readonly read: string }> => {
    await operate("POST", "/v1/tenants", { id });
    const keyWith = async (scopes: readonly string[]) => (await operate("POST", `/v1/tenants/${id}/keys`, { scopes })).body.key;
    return { path: `/v1/tenants/${id}/settings`, manage: await keyWith(["manage"]), read: await keyWith(["read"]) };
  };

  it("start empty, change by merge patch, and return to their defaults by null", async () => {
    const { path, read, manage } = await tenantWith("patched");
    const initial = { locale: null, timeZone: null, quotas: { messagesPerDay: null }, rates: none, senders: {} };
    expect(await ask(read, "GET", path)).toEqual({ status: 200, body: initial });
    expect(await ask(manage, "PATCH", path, { locale: "pt_br", timeZone: "Europe/Paris", rates: { messagesPerSecond: 5 } })).toEqual({
      status: 200,
      body: { ...initial, locale: "pt-BR", timeZone: "Europe/Paris", rates: { ...none, messagesPerSecond: 5 } },
    });
    const senders = { email: ["Shop <news@Shop.Example>", "@shop.example"], sms: ["+14155550100"] };
    expect((await operate("PATCH", path, { locale: null, rates: { requestsPerSecond: 2.5 }, senders })).body).toEqual({
      ...{ ...initial, timeZone: "Europe/Paris", rates: { ...none, messagesPerSecond: 5, requestsPerSecond: 2.5 } },
      senders: { email: [expect.stringContaining("@shop.example"), "@shop.example"], sms: ["+14155550100"] },
    });
    expect((await operate("PATCH", path, { senders: { sms: null } })).body).toMatchObject({ senders: { email: expect.any(Array) } });
    expect((await operate("PATCH", path, { timeZone: null, rates: null, senders: null })).body).toEqual(initial);
    expect((await ask(read, "GET", path)).body).toEqual(initial);
  });

  it("name each wrong field and its fix", async () => {
    const { path } = await tenantWith("wrong");
    const faults = async (body: object): Promise<readonly string[]> => {
      const answer = await operate("PATCH", path, body);
      expect(answer.status, JSON.stringify(body)).toBe(400);
      for (const { problem, fix } of answer.body.errors) for (const text of [problem, fix]) expect(text.length).toBeGreaterThan(5);
      return answer.body.errors.map(({ field }) => field);
    };
    expect(await faults({ locale: "not a locale", timeZone: "Mars/Olympus", quota: 1 })).toEqual(["locale", "timeZone", "quota"]);
    expect(await faults({ quotas: { messagesPerDay: 1.5, perHour: 1 } })).toEqual(["quotas.messagesPerDay", "quotas.perHour"]);
    expect(await faults({ rates: { requestsPerSecond: 0, messagesPerSecond: "5" } })).toEqual([
      "rates.requestsPerSecond",
      "rates.messagesPerSecond",
    ]);
    expect(await faults({ senders: { email: ["no address"], fax: ["1"] } })).toEqual(["senders.email", "senders.fax"]);
    for (const email of [[], ["@shop.example"], ["a@shop.example", "a@shop.example"]])
      expect(await faults({ senders: { email } })).toEqual(["senders.email"]);
  });

  it("let a tenant lower its limits, and only an operator raise them", async () => {
    const { path, manage } = await tenantWith("limited");
    await operate("PATCH", path, {
      ...{ quotas: { messagesPerDay: 100 }, rates: { requestsPerSecond: 10, messagesPerSecond: 10 } },
      senders: { email: ["a@shop.example", "b@shop.example"] },
    });
    const refused = async (body: object, field: string): Promise<void> =>
      expect(await ask(manage, "PATCH", path, body), JSON.stringify(body)).toMatchObject({
        status: 403,
        body: { detail: expect.stringMatching(new RegExp(`operate.*${field}$`)) },
      });
    for (const messagesPerDay of [101, null]) await refused({ quotas: { messagesPerDay } }, "quotas.messagesPerDay");
    await refused({ quotas: null }, "quotas.messagesPerDay");
    await refused({ rates: { requestsPerSecond: 11 } }, "rates.requestsPerSecond");
    // without one of its own, the tenant has the installation's
    await refused({ rates: { criticalPerSecond: 1 } }, "rates.criticalPerSecond");
    await refused({ senders: { email: ["c@shop.example"] } }, "senders.email");
    await refused({ senders: { email: null } }, "senders.email");
    await refused({ senders: { sms: ["+14155550100"] } }, "senders.sms");
    const lower = { quotas: { messagesPerDay: 50 }, rates: { requestsPerSecond: 1 }, senders: { email: ["b@shop.example"] } };
    expect(await ask(manage, "PATCH", path, lower)).toMatchObject({ status: 200, body: lower });
    await refused({ quotas: { messagesPerDay: 100 } }, "quotas.messagesPerDay");
    expect((await operate("PATCH", path, { quotas: { messagesPerDay: 100 } })).status).toBe(200);
  });

  it("belong to one tenant", async () => {
    const { path, read, manage } = await tenantWith("mine");
    const other = await tenantWith("theirs");
    expect((await ask(other.read, "GET", path)).status).toBe(403);
    expect((await ask(other.manage, "PATCH", path, {})).status).toBe(403);
    expect((await ask(read, "PATCH", path, {})).body.detail).toContain("manage");
    expect((await ask(manage, "GET", path)).body.detail).toContain("read");
    expect((await operate("GET", "/v1/tenants/nobody/settings")).status).toBe(404);
    expect((await operate("PATCH", "/v1/tenants/nobody/settings", {})).status).toBe(404);
  });

  it("are audited with the fields that differ, and not at all if none does", async () => {
    const { path, manage } = await tenantWith("recorded");
    const body = JSON.stringify({ locale: "en", rates: { messagesPerSecond: 5 } });
    const { headers } = await call(carillon.url, "PATCH", path, asKey(manage), body);
    await ask(manage, "PATCH", path, { locale: "en" });
    const { items } = (await ask(manage, "GET", "/v1/audit")).body;
    expect(items.filter(({ action }) => action === "settings.change")).toMatchObject([
      {
        ...{ actor: expect.stringMatching(/^key:recorded:/), target: "settings of tenant recorded", requestId: headers["x-request-id"] },
        before: { settings: { locale: null, rates: { messagesPerSecond: null } } },
        after: { settings: { locale: "en", rates: { messagesPerSecond: 5 } } },
      },
    ]);
    expect(items[0]?.after).toEqual({ settings: { locale: "en", rates: { messagesPerSecond: 5 } } });
  });

  it("reach another process by its next reading of the store", async () => {
    const { path } = await tenantWith("shared");
    const reader = createTenantReader({ tenants: carillon.stores.tenants, clock: systemClock, onTrouble: () => undefined });
    const settingsIn = async () => (await reader.current()).tenants.get("shared")?.settings;
    expect(await settingsIn()).toMatchObject({ locale: null });
    await operate("PATCH", path, { locale: "en" });
    await reader.refresh();
    expect(await settingsIn()).toMatchObject({ locale: "en" });
    await reader.close();
  });
});
