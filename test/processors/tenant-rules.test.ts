import { afterEach, describe, expect, it } from "vitest";
import { defaultSettings, newTenant } from "../../access/configured-tenants.js";
import { createTenantReader } from "../../access/tenant-reader.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import type { TenantSettings } from "../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const sms = { channel: "sms", to: "+14155550100", content: { text: "Hi" } } as const;

describe("the settings of a tenant", () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** Delivery in memory, with the tenant `shop`. `set` changes its settings. */
  const start = async (config: object, settings: Partial<TenantSettings>) => {
    const clock = createVirtualClock();
    const tenants = createMemoryTenants(clock);
    await tenants.put({ ...newTenant("shop", "Shop"), settings: { ...defaultSettings, ...settings } });
    const reader = createTenantReader({ tenants, clock, onTrouble: () => undefined });
    const driver: DeliveryTestDriver = await createDeliveryTestDriver(config, { tenants: reader });
    ends.push(reader.close);
    const set = async (more: Partial<TenantSettings>): Promise<void> => {
      const [stored] = await tenants.get(["shop"]);
      if (!stored) throw new Error("there is no tenant");
      await tenants.put({ ...stored, settings: { ...stored.settings, ...more } });
      await reader.refresh();
    };
    return { driver, set };
  };

  const allowsAll = { channels: { sms: { from: "+14155550000", allowSenders: [{ from: "*" }] } } };

  it("decide which senders its messages may name, whichever way they come", async () => {
    const { driver, set } = await start(allowsAll, { senders: { sms: ["SHOP", "+14155550111"] } });
    const from = (sender: string, tenant = "shop") => driver.send({ ...sms, tenant, from: sender });
    const refused = await from("OTHER");
    expect(await driver.lineage(refused)).toMatchObject({ status: "failed", reason: "sender_not_allowed" });
    await from("+14155550111");
    await from("OTHER", "stranger");
    await set({ senders: {} });
    await from("OTHER");
    expect(driver.delivered.map(({ from: sender }) => sender)).toEqual(["+14155550111", "OTHER", "OTHER"]);
  });

  it("name the sender of messages without one", async () => {
    const { driver, set } = await start(allowsAll, { senders: { sms: ["SHOP", "+14155550111"] } });
    await driver.send({ ...sms, tenant: "shop" });
    await driver.send({ ...sms, tenant: "stranger" });
    await set({ senders: { sms: ["+14155550111"] } });
    await driver.send({ ...sms, tenant: "shop" });
    expect(driver.delivered.map(({ from }) => from)).toEqual(["SHOP", "+14155550000", "+14155550111"]);
  });

  it("replace the configuration's rate of critical messages", async () => {
    const { driver } = await start(
      { tenants: { criticalPerSecond: 1, criticalBurst: 1 } },
      { rates: { ...defaultSettings.rates, criticalPerSecond: 2 } },
    );
    const lanesOf = async (tenant: string): Promise<readonly (string | undefined)[]> => {
      const ids: string[] = [];
      for (let count = 0; count < 3; count += 1) ids.push(await driver.send({ ...sms, tenant, lane: "critical" }));
      return (await Promise.all(ids.map((id) => driver.lineage(id)))).map((document) => document?.lane);
    };
    expect(await lanesOf("shop")).toEqual(["critical", "critical", "high"]);
    expect(await lanesOf("stranger")).toEqual(["critical", "high", "high"]);
  });
});
