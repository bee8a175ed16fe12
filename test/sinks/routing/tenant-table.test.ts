import { expect, it } from "vitest";
import { createTenantTable, tenantTableBytes } from "../../../sinks/routing/tenant-table.js";

const newTable = (): Int32Array => new Int32Array(tenantTableBytes / 4);

it("threads that look at one table count the calls of a tenant together, provider by provider", () => {
  const table = newTable();
  const [here, there, elsewhere] = [createTenantTable(table, 0), createTenantTable(table, 0), createTenantTable(table, 1)];
  expect([here.enter("acme", 2), there.enter("acme", 2), here.enter("acme", 2)]).toEqual([true, true, false]);
  expect([here.enter("shop", 2), elsewhere.enter("acme", 2)]).toEqual([true, true]);
  there.leave("acme");
  expect([here.enter("acme", 2), there.enter("acme", 2)]).toEqual([true, false]);
});

it("the place of a tenant without calls is another's, so that any number of tenants pass through", () => {
  const tenants = createTenantTable(newTable(), 0);
  for (let number = 0; number < 50_000; number += 1) {
    expect(tenants.enter(`tenant-${number}`, 1)).toBe(true);
    tenants.leave(`tenant-${number}`);
  }
});

it("tenants that find no place are counted all the same", () => {
  const tenants = createTenantTable(newTable(), 0);
  const names = Array.from({ length: 12_000 }, (_, number) => `tenant-${number}`);
  expect(names.filter((name) => !tenants.enter(name, 1))).toEqual([]);
  expect(names.filter((name) => tenants.enter(name, 1))).toEqual([]);
});

it("a call that nobody counted takes nothing away", () => {
  const tenants = createTenantTable(newTable(), 0);
  tenants.leave("acme");
  expect([tenants.enter("acme", 1), tenants.enter("acme", 1)]).toEqual([true, false]);
});
