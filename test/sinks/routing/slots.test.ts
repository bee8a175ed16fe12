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

it("tells since when so many have been in flight, without places that are only held", () => {
  const slots = new Slots(9, 9);
  slots.hold("acme");
  for (const sinceMs of [10, 20, 30]) slots.enter("acme", sinceMs);
  expect([1, 2, 3, 4].map((count) => slots.sinceOf(count))).toEqual([10, 20, 30, undefined]);
});
