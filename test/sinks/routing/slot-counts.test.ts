import { expect, it } from "vitest";
import { countTenants, createLocalCounts } from "../../../sinks/routing/slot-counts.js";

it("one thread counts calls in all and by tenant, and a refusal counts nothing", () => {
  const counts = createLocalCounts();
  expect([counts.enter("acme", 3, 2), counts.enter("acme", 3, 2), counts.enter("acme", 3, 2)]).toEqual([true, true, false]);
  expect([counts.enter("shop", 3, 2), counts.enter("other", 3, 2)]).toEqual([true, false]);
  expect([counts.taken, counts.hasRoom(3), counts.hasRoom(4)]).toEqual([3, false, true]);
  counts.leave("acme");
  expect([counts.taken, counts.enter("acme", 3, 2)]).toEqual([2, true]);
});

it("one thread waits for no other", () => {
  const counts = createLocalCounts();
  counts.wait()();
  expect(counts.isOthersTurn).toBe(false);
});

it("a tenant that left as often as it entered is forgotten", () => {
  const tenants = countTenants();
  tenants.enter("acme", 1);
  tenants.leave("acme");
  tenants.leave("acme");
  expect([tenants.enter("acme", 1), tenants.enter("acme", 1)]).toEqual([true, false]);
});
