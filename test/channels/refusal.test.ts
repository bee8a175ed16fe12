import { expect, it } from "vitest";
import { isRefusal, refuse } from "../../channels/refusal.js";

it("a refusal says what is wrong and what to give instead, and is told from a value", () => {
  expect(refuse("is empty", "give one")).toEqual({ problem: "is empty", fix: "give one" });
  expect([isRefusal(refuse("a", "b")), isRefusal({ to: "a" })]).toEqual([true, false]);
});
