import { afterEach, describe, expect, it } from "vitest";
import { newTenant } from "../../../access/configured-tenants.js";
import { createTenantReader, type TenantReader } from "../../../access/tenant-reader.js";
import { newWebhookSecret, sealWebhookSecret } from "../../../sinks/webhooks/own-webhook.js";
import { createWebhookTable } from "../../../sinks/webhooks/webhook-table.js";
import { createKeyRing } from "../../../stores/sealed/key-ring.js";
import { createTenantSecrets } from "../../../stores/sealed/tenant-secrets.js";
import { createMemoryTenants } from "../../../stores/tenants/memory-tenants.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const seals = createTenantSecrets(createKeyRing({ active: "main", keys: { main: { secret: Buffer.alloc(32, 7).toString("base64") } } }));
const [secret, configured] = [newWebhookSecret(), newWebhookSecret()];

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("the webhooks of tenants, as a process knows them", () => {
  const readers: TenantReader[] = [];
  afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.close())));
  const start = () => {
    const clock = createVirtualClock();
    const tenants = createMemoryTenants(clock);
    const reader = createTenantReader({ tenants, clock, onTrouble: () => undefined });
    readers.push(reader);
    const endpoints = { first: { url: "https://first.test/", secret: configured, kinds: ["final" as const] } };
    return { clock, tenants, table: createWebhookTable(endpoints, reader, seals), reader };
  };
  const webhookFor = (tenant: string, url: string) => ({
    ...{ url, secrets: [sealWebhookSecret(tenant, secret, seals)], kinds: ["final", "of a later version"] },
    createdAt: new Date(5),
  });

  it("are found within 5 seconds of their change by another process, without waiting", async () => {
    const { clock, tenants, table } = start();
    await settle();
    expect(await table.find("shop")).toBeNull();
    const tenant = newTenant("shop", "shop");
    await tenants.put({ ...tenant, settings: { ...tenant.settings, webhook: webhookFor("shop", "https://shop.test/") } });
    for (let passed = 0; passed < 5_000; passed += 500) {
      clock.advance(500);
      await settle();
    }
    const found = table.find("shop");
    expect(found).toMatchObject({ url: "https://shop.test/", kinds: ["final"], createdMs: 5 });
    expect(found instanceof Promise ? undefined : found?.secrets()).toEqual([secret]);
    expect(table.find("shop")).toBe(found);
    expect(await table.find("bank")).toBeNull();
  });

  it("come after those of the configuration", async () => {
    const { tenants, table, reader } = start();
    const tenant = newTenant("first", "first");
    await tenants.put({ ...tenant, settings: { ...tenant.settings, webhook: webhookFor("first", "https://own.test/") } });
    await reader.refresh();
    expect(table.find("first")).toMatchObject({ url: "https://first.test/", stateName: "first" });
  });

  it("do not open a secret that was sealed for another tenant", async () => {
    const { tenants, table, reader } = start();
    const tenant = newTenant("thief", "thief");
    await tenants.put({ ...tenant, settings: { ...tenant.settings, webhook: webhookFor("shop", "https://thief.test/") } });
    await reader.refresh();
    const found = await table.find("thief");
    expect(() => found?.secrets()).toThrow(/sealed for another place/);
  });
});
