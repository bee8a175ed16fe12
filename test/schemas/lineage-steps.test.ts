import { expect, it } from "vitest";
import { lineageOf } from "../../processors/lineage-of.js";
import { mergeLineage, stepsOf } from "../../schemas/lineage-steps.js";
import { commandTo } from "../support/commands.js";

const event = (outcome: string, more = {}) =>
  lineageOf({ now: () => 1, instance: "a" }, { ...commandTo("sms", "+1"), ...more }, { stage: "dispatch", outcome, attempt: 1 });

it("steps of one message leave in one event, and come out again as they were", () => {
  const [one, two, three] = [event("one"), event("two"), event("three")] as const;
  const merged = mergeLineage(one, two);
  const all = merged && mergeLineage(merged, three);
  expect(all && stepsOf(all)).toEqual([one, two, three].map(({ also: _, ...step }) => step));
});

it("steps of two messages, or by two processes, stay apart", () => {
  expect(mergeLineage(event("one"), event("two", { messageId: "another" }))).toBeUndefined();
  expect(mergeLineage(event("one"), { ...event("two"), instance: "b" })).toBeUndefined();
});
