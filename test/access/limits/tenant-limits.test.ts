import { describe, expect, it } from "vitest";
import { defaultSettings } from "../../../access/configured-tenants.js";
import { dayEndIn, dayIn } from "../../../access/limits/local-day.js";
import { createTenantLimits, limitWords } from "../../../access/limits/tenant-limits.js";
import { createMemoryBuckets } from "../../../stores/buckets/memory-buckets.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import type { TenantSettings } from "../../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

/** Limits of two processes, which share buckets and cells, and the settings of each tenant. */
const setUp = (at: string) => {
  const clock = createVirtualClock(Date.parse(at));
  const settings = new Map<string, TenantSettings>();
  const stores = { buckets: createMemoryBuckets(clock), cells: createMemoryCells(clock), clock };
  const known = (tenant: string) => {
    const found = settings.get(tenant);
    return found && { settings: found };
  };
  const [one, other] = [createTenantLimits({ ...stores, known }), createTenantLimits({ ...stores, known })];
  const set = (tenant: string, { rates, ...more }: Partial<Omit<TenantSettings, "rates">> & { readonly rates?: object }): void =>
    void settings.set(tenant, { ...defaultSettings, ...more, rates: { ...defaultSettings.rates, ...rates } });
  return { clock, one, other, set };
};

describe("the rate of requests", () => {
  it("is shared by all processes, and refills", async () => {
    const { clock, one, other, set } = setUp("2027-01-01T12:00:00Z");
    set("shop", { rates: { requestsPerSecond: 2 } });
    set("free", {});
    expect(await one.takeRequest("shop")).toEqual({
      granted: true,
      limit: { name: "requests", quota: 2, windowSeconds: 1, left: 1, resetSeconds: 1 },
    });
    expect(await other.takeRequest("shop")).toMatchObject({ granted: true, limit: { left: 0 } });
    expect(await one.takeRequest("shop")).toMatchObject({ granted: false, limit: { left: 0, resetSeconds: 1 } });
    clock.advance(500);
    expect(await one.takeRequest("shop")).toMatchObject({ granted: true });
    // a tenant without limits asks no store
    for (const tenant of ["free", "unknown"]) expect(one.takeRequest(tenant)).toBeUndefined();
  });

  it("may be less than one a second, and changes at once", async () => {
    const { clock, one, set } = setUp("2027-01-01T12:00:00Z");
    set("slow", { rates: { requestsPerSecond: 0.25 } });
    expect(await one.takeRequest("slow")).toMatchObject({ granted: true, limit: { quota: 1, windowSeconds: 4 } });
    expect(await one.takeRequest("slow")).toMatchObject({ granted: false, limit: { resetSeconds: 4 } });
    set("slow", { rates: { requestsPerSecond: 10 } });
    clock.advance(200);
    expect(await one.takeRequest("slow")).toMatchObject({ granted: true });
  });
});

describe("the quota of a day", () => {
  it("ends with the day of the tenant's zone", async () => {
    const { clock, one, other, set } = setUp("2027-01-01T22:59:00Z");
    set("paris", { timeZone: "Europe/Paris", quotas: { messagesPerDay: 3 } });
    set("world", { quotas: { messagesPerDay: 3 } });
    expect(await one.takeMessages("paris", 2)).toMatchObject({ granted: 2, exceeded: undefined });
    const refused = await other.takeMessages("paris", 2);
    expect(refused).toMatchObject({ granted: 1, exceeded: { name: "messages-per-day", quota: 3, left: 0, resetSeconds: 60 } });
    expect(refused?.exceeded && limitWords(refused.exceeded)).toBe("has reached its limit of 3 messages per day");
    expect(await one.takeMessages("world", 4)).toMatchObject({ granted: 3, exceeded: { resetSeconds: 3_660 } });
    clock.advance(60_000);
    expect(await one.takeMessages("paris", 3)).toMatchObject({ granted: 3 });
    expect(await one.takeMessages("world", 1)).toMatchObject({ granted: 0 });
    clock.advance(3_600_000);
    expect(await one.takeMessages("world", 3)).toMatchObject({ granted: 3 });
  });

  it("grows and shrinks with the setting, and takes back what was not used", async () => {
    const { one, set } = setUp("2027-01-01T12:00:00Z");
    set("shop", { quotas: { messagesPerDay: 2 } });
    const taken = await one.takeMessages("shop", 2);
    set("shop", { quotas: { messagesPerDay: 3 } });
    expect(await one.takeMessages("shop", 2)).toMatchObject({ granted: 1 });
    await taken?.giveBack(2);
    set("shop", { quotas: { messagesPerDay: 1 } });
    expect(await one.takeMessages("shop", 1)).toMatchObject({ granted: 0, exceeded: { left: 0 } });
    set("shop", {});
    expect(one.takeMessages("shop", 1)).toBeUndefined();
  });

  it("counts only what the rate lets through", async () => {
    const { clock, one, set } = setUp("2027-01-01T12:00:00Z");
    set("shop", { quotas: { messagesPerDay: 3 }, rates: { messagesPerSecond: 2 } });
    expect(await one.takeMessages("shop", 5)).toMatchObject({ granted: 2, exceeded: { name: "messages" } });
    expect(await one.takeMessages("shop", 5)).toMatchObject({ granted: 0, exceeded: { name: "messages" } });
    clock.advance(1_000);
    expect(await one.takeMessages("shop", 2)).toMatchObject({ granted: 1, exceeded: { name: "messages-per-day" } });
  });
});

describe("a day in a zone", () => {
  it.each([
    ["UTC", "2027-01-31T23:59:59.999Z", "2027-01-31", "2027-02-01T00:00:00Z"],
    ["America/New_York", "2027-03-14T05:00:00Z", "2027-03-14", "2027-03-15T04:00:00Z"], // 23 hours
    ["America/New_York", "2027-11-07T04:00:00Z", "2027-11-07", "2027-11-08T05:00:00Z"], // 25 hours
    ["Pacific/Kiritimati", "2027-01-01T10:00:00Z", "2027-01-02", "2027-01-02T10:00:00Z"],
    ["Mars/Olympus", "2027-01-01T10:00:00Z", "2027-01-01", "2027-01-02T00:00:00Z"],
  ])("%s at %s", (zone, at, day, end) => {
    expect(dayIn(zone, Date.parse(at))).toBe(day);
    expect(dayEndIn(zone, Date.parse(at))).toBe(Date.parse(end));
  });
});
