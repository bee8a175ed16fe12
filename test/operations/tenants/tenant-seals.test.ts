import { describe, expect, it } from "vitest";
import { newTenant } from "../../../access/configured-tenants.js";
import { countSecrets, resealTenants, tenantsWithUnreadable } from "../../../operations/tenants/tenant-seals.js";
import { createKeyRing } from "../../../stores/sealed/key-ring.js";
import { createTenantSecrets, type TenantSecrets } from "../../../stores/sealed/tenant-secrets.js";
import { createMemoryTenants } from "../../../stores/tenants/memory-tenants.js";
import type { Tenant, Tenants } from "../../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const keyOf = (byte: number): { readonly secret: string } => ({ secret: Buffer.alloc(32, byte).toString("base64") });
const under = (active: string | null, ...names: readonly string[]): TenantSecrets =>
  createTenantSecrets(createKeyRing({ active, keys: Object.fromEntries(names.map((name) => [name, keyOf(name.length)])) }));
const former = under("old", "old");
const both = under("newer", "old", "newer");

const addTenant = (tenants: Tenants, id: string, secrets: TenantSecrets): Promise<unknown> => {
  const tenant = newTenant(id, id);
  const seal = (of: string, name: string): string => secrets.seal({ tenant: id, of, name }, `the ${name} of ${id}`);
  const mail = { type: "smtp", options: { host: "mail.test" }, secrets: { password: seal("providers.mail", "password") } };
  const webhook = { url: "https://shop.test/", secrets: [seal("webhook", "secret")], kinds: ["final"], createdAt: new Date() };
  return tenants.put({ ...tenant, settings: { ...tenant.settings, providers: { mail }, webhook } });
};
const get = async (tenants: Tenants, id: string): Promise<Tenant | undefined> => (await tenants.get([id]))[0];

const twoTenants = async (): Promise<Tenants> => {
  const tenants = createMemoryTenants(createVirtualClock());
  await addTenant(tenants, "shop", former);
  await addTenant(tenants, "bank", both);
  return tenants;
};

describe("the secrets of tenants after a change of the key", () => {
  it("are encrypted again under the active key, each once", async () => {
    const tenants = await twoTenants();
    expect(await countSecrets(tenants, both)).toEqual({ current: 2, older: 2, unreadable: 0 });
    const bank = await get(tenants, "bank");
    expect(await resealTenants(tenants, both)).toBe(2);
    expect(await resealTenants(tenants, both)).toBe(0);
    expect(await countSecrets(tenants, under("newer", "newer"))).toEqual({ current: 4, older: 0, unreadable: 0 });
    expect(await get(tenants, "bank")).toEqual(bank);
    const shop = await get(tenants, "shop");
    const sealed = shop?.settings.providers.mail?.secrets.password ?? "";
    expect(both.open({ tenant: "shop", of: "providers.mail", name: "password" }, sealed)).toBe("the password of shop");
  });

  it("are encrypted in the tenant as another writer left it", async () => {
    const tenants = await twoTenants();
    let isFirst = true;
    const contended: Tenants = {
      ...tenants,
      put: async (put) => {
        if (isFirst && put.id === "shop") {
          isFirst = false;
          const { createdAt: _, changedAt: __, ...now } = (await get(tenants, "shop")) as Tenant;
          await tenants.put({ ...now, name: "renamed" });
        }
        return tenants.put(put);
      },
    };
    expect(await resealTenants(contended, both)).toBe(2);
    expect(await get(tenants, "shop")).toMatchObject({ name: "renamed" });
    expect(await countSecrets(tenants, both)).toMatchObject({ older: 0 });
  });

  it("are reported by tenant if no key opens them, and never replaced", async () => {
    const tenants = await twoTenants();
    const shop = await get(tenants, "shop");
    const without = under("newer", "newer");
    expect(await countSecrets(tenants, without)).toEqual({ current: 2, older: 0, unreadable: 2 });
    expect(await tenantsWithUnreadable(tenants, without)).toEqual(["shop"]);
    expect(await tenantsWithUnreadable(tenants, createTenantSecrets(undefined))).toEqual(["bank", "shop"]);
    await expect(resealTenants(tenants, without)).rejects.toThrow(/tenant shop: .*the key old/);
    expect(await get(tenants, "shop")).toEqual(shop);
  });
});
