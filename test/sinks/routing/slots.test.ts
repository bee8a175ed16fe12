import { expect, it } from "vitest";
import { Slots } from "../../../sinks/routing/slots.js";

it("calls in hand are bounded in all and by tenant, and leaving makes room", () => {
  const slots = new Slots(3, 2);
  const first = slots.enter("acme", 0);
  slots.enter("acme", 0);
  expect(slots.enter("acme", 0)).toBeUndefined();
  expect(slots.enter("shop", 0)).toBeDefined();
  expect(slots.enter("other", 0)).toBeUndefined();
  if (first) slots.leave(first);
  expect([slots.taken, slots.enter("acme", 0)]).toEqual([2, { tenant: "acme", sinceMs: 0 }]);
});

it("leaving twice makes room once", () => {
  const slots = new Slots(2, 1);
  const slot = slots.enter("acme", 0);
  if (slot) for (const _ of [1, 2]) slots.leave(slot);
  slots.enter("acme", 0);
  expect([slots.taken, slots.enter("acme", 0)]).toEqual([1, undefined]);
});

it("tells whether so many have been in hand since before then", () => {
  const slots = new Slots(9, 9);
  for (const sinceMs of [10, 20, 30]) slots.enter("acme", sinceMs);
  expect([slots.hasOlder(2, 20), slots.hasOlder(3, 20), slots.hasOlder(4, 99), slots.hasOlder(1, 9)]).toEqual([true, false, false, false]);
});
