import { expect, it } from "vitest";
import { lineageOf } from "../../processors/lineage-of.js";
import { joinLineage, joinsLineage, stepsOf } from "../../schemas/lineage-steps.js";
import { commandTo } from "../support/commands.js";

const event = (outcome: string, more = {}) =>
  lineageOf({ now: () => 1, instance: "a" }, { ...commandTo("sms", "+1"), ...more }, { stage: "dispatch", outcome, attempt: 1 });

it("steps of one message leave in one event, and come out again as they were", () => {
  const [one, two, three] = [event("one"), event("two"), event("three")] as const;
  const steps = [one, two, three].map(({ also: _, ...step }) => step);
  expect(stepsOf(joinLineage([one, two, three]))).toEqual(steps);
  expect(stepsOf(joinLineage([joinLineage([one, two]), three]))).toEqual(steps);
  expect(joinLineage([one])).toBe(one);
  expect([one.also, two.also]).toEqual([[], []]);
});

it("steps of two messages, or by two processes, stay apart", () => {
  expect(joinsLineage(event("one"), event("two"))).toBe(true);
  expect(joinsLineage(event("one"), event("two", { messageId: "another" }))).toBe(false);
  expect(joinsLineage(event("one"), { ...event("two"), instance: "b" })).toBe(false);
});
