import { describe, expect, it } from "vitest";
import { newTenant } from "../../access/configured-tenants.js";
import { loadTenants } from "../../access/load-tenants.js";
import { CarillonError } from "../../schemas/errors.js";
import { createMemoryTenants } from "../../stores/tenants/memory-tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const hooksOf = () => {
  const seen = { damaged: 0, steps: 0 };
  return {
    seen,
    hooks: {
      onStep: () => {
        seen.steps += 1;
      },
      onDamaged: () => {
        seen.damaged += 1;
      },
    },
  };
};

describe("loadTenants", () => {
  it("leaves a damaged tenant out, and no other", async () => {
    const tenants = createMemoryTenants(createVirtualClock());
    for (const id of ["a", "b", "c"]) await tenants.put(newTenant(id, id));
    const damaged: typeof tenants = {
      ...tenants,
      get: async (ids) => {
        if (ids.includes("b")) throw new CarillonError("STORE_DAMAGED", "the stored tenant b has another shape");
        return tenants.get(ids);
      },
    };
    const { seen, hooks } = hooksOf();
    const whole = await loadTenants(tenants, new Map(), hooks);
    expect([...whole.keys()]).toEqual(["a", "b", "c"]);
    await tenants.put({ ...newTenant("b", "b"), revision: 1 });
    const loaded = await loadTenants(damaged, whole, hooks);
    expect([...loaded.keys()]).toEqual(["a", "c"]);
    expect(seen.damaged).toBe(1);
    await expect(loadTenants({ ...tenants, get: () => Promise.reject(new Error("away")) }, new Map(), hooks)).rejects.toThrow("away");
  });

  it("loads more tenants than fit into a page, and answers the same map if nothing changed", async () => {
    const tenants = createMemoryTenants(createVirtualClock());
    for (let index = 0; index < 2_100; index += 1) await tenants.put(newTenant(`t${index}`, "many"));
    const { seen, hooks } = hooksOf();
    const loaded = await loadTenants(tenants, new Map(), hooks);
    expect(loaded.size).toBe(2_100);
    expect(seen.steps).toBe(3 + 21);
    expect(await loadTenants(tenants, loaded, hooks)).toBe(loaded);
  });
});
