import { expect, it } from "vitest";
import { dueAtOf } from "../../processors/due-at.js";

it.each([
  [{ acceptedAt: 1_000, notBefore: null }, 1_000],
  [{ acceptedAt: 1_000, notBefore: 5_000 }, 5_000],
  [{ acceptedAt: 1_000, notBefore: 500 }, 1_000],
])("%j is due at %i", (acceptance, dueAt) => {
  expect(dueAtOf(acceptance)).toBe(dueAt);
});
