import { expect, it } from "vitest";
import { noteProgress, type Reached } from "../../processors/fallback-progress.js";
import type { FallbackEvent, FallbackPlace } from "../../schemas/generated.js";
import { commandTo } from "../support/commands.js";
import { stageContext } from "../support/stage-context.js";

const place: FallbackPlace = { recipientId: "r-1", step: 1, unless: "delivered", untilMs: 9_000, why: null };

const noted = (fallback: FallbackPlace | null, reached: Reached) => {
  const { context, emitted } = stageContext<{ readonly fallbacks: FallbackEvent }>();
  noteProgress(context, commandTo("push", "device-1", { fallback }), reached);
  return emitted.fallbacks ?? [];
};

it.each<[Reached, number]>([
  ["accepted", 0],
  ["delivered", 1],
  ["opened", 1],
  ["failed", 1],
  ["cancelled", 1],
])("%s is reported %i times where a later step waits for a delivery", (reached, times) => {
  expect(noted(place, reached)).toHaveLength(times);
});

it("names message, step and recipient", () => {
  expect(noted(place, "opened")).toMatchObject([
    { kind: "progress", recipientId: "r-1", step: 1, reached: "opened", messageId: commandTo("push", "x").messageId, untilMs: 9_000 },
  ]);
});

it("costs nothing for messages without a plan, and for those of the last step", () => {
  expect(noted(null, "failed")).toEqual([]);
  expect(noted({ ...place, step: 2, unless: null }, "failed")).toEqual([]);
});
