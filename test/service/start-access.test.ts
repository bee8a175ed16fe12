import { afterEach, describe, expect, it } from "vitest";
import { generateKey } from "../../access/api-keys.js";
import { addKey } from "../../access/change-keys.js";
import type { Tree } from "../../config/tree.js";
import { createProcessMetrics } from "../../operations/telemetry/process-metrics.js";
import { CarillonError } from "../../schemas/errors.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryStores } from "../../service/memory-stores.js";
import { type StartedAccess, startAccess } from "../../service/start-access.js";
import type { Tenant } from "../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

/** Lets everything happen that waits for no clock. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const key = "a-key-that-is-long-enough";

describe("the access of a process", () => {
  const running: StartedAccess[] = [];
  const start = (overrides: Tree) => {
    const clock = createVirtualClock();
    const stores = createMemoryStores(clock);
    const metrics = createProcessMetrics();
    const troubles: string[] = [];
    let away = false;
    const guarded =
      <Args extends readonly unknown[], Answer>(ask: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        if (away) throw new CarillonError("UNAVAILABLE", "away");
        return ask(...args);
      };
    const { tenants } = stores;
    const access = (isAway = false): StartedAccess => {
      away = isAway;
      const started = startAccess({
        config: loadConfig({ environment: {}, overrides }),
        stores: {
          ...stores,
          tenants: { ...tenants, get: guarded(tenants.get), version: guarded(tenants.version), put: guarded(tenants.put) },
        },
        ...{ clock, metrics },
        onTrouble: (where) => troubles.push(where),
      });
      running.push(started);
      return started;
    };
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 500) {
        clock.advance(500);
        await settle();
      }
    };
    const gauge = async (name: "tenants" | "tenantsAge"): Promise<number | undefined> => (await metrics[name].get()).values[0]?.value;
    return {
      ...{ access, clock, gauge, pass, tenants, troubles, cells: stores.cells },
      be: (isAway: boolean) => {
        away = isAway;
      },
    };
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((access) => access.stop()));
  });

  it("creates the tenants of the configuration, and knows its keys", async () => {
    const { access, tenants, gauge, pass } = start({ http: { apiKeys: [{ tenant: "shop", key }] } });
    const { checkKey } = access();
    await pass(5_000);
    expect((await tenants.list({ limit: 10 })).map(({ id }) => id)).toEqual(["shop"]);
    expect(await checkKey(key)).toMatchObject({ principal: { tenant: "shop", scopes: ["send", "read"] } });
    expect(await gauge("tenants")).toBe(1);
    expect(await gauge("tenantsAge")).toBeLessThanOrEqual(2.5);
  });

  it("acts as local without keys, and checks stored keys with their use", async () => {
    const { access, tenants, pass } = start({});
    const { checkKey, keyUse } = access();
    await pass(1_000);
    const [local] = await tenants.get(["local"]);
    const added = addKey(local as Tenant, { id: "k1", name: "k", scopes: ["read"], test: false, expiresAt: null }, new Date(0));
    await tenants.put(added.put);
    await pass(3_000);
    expect(await checkKey(added.key)).toMatchObject({ principal: { tenant: "local", scopes: ["read"] } });
    expect(await checkKey(generateKey(false))).toEqual({ refusal: "unknown" });
    expect([...(await keyUse.lastUsed("local")).keys()]).toEqual(["k1"]);
  });

  it("starts while the store is away, reports its age, and creates the tenants later", async () => {
    const { access, be, gauge, pass, tenants, troubles } = start({ webhooks: { tenants: {} } });
    const { checkKey } = access(true);
    await pass(20_000);
    expect(troubles.length).toBeGreaterThan(0);
    expect(new Set(troubles)).toEqual(new Set(["tenants"]));
    expect(await gauge("tenantsAge")).toBeGreaterThan(15);
    await expect(checkKey(generateKey(false))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    be(false);
    await pass(35_000);
    expect((await tenants.list({ limit: 10 })).map(({ id }) => id)).toEqual(["local"]);
    expect(await gauge("tenantsAge")).toBeLessThanOrEqual(2.5);
  });

  it("ends with nothing left to do", async () => {
    const { access, clock, pass } = start({});
    const started = access();
    await pass(3_000);
    await started.stop();
    await settle();
    expect(clock.nextInMs()).toBeUndefined();
  });
});
