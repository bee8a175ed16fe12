import { expect, it } from "vitest";
import { fold } from "../../../stores/lineage-store/fold.js";
import { lineageStep } from "../../support/lineage-records.js";

const positioned = (events: readonly ReturnType<typeof lineageStep>[]) => events.map((event, offset) => ({ event, partition: 0, offset }));

it.each([
  ["webhook calls", "webhook", "posted"],
  ["openings", "response_handle", "engaged"],
] as const)("%s that a recipient causes again and again leave a bounded document", (_, stage, outcome) => {
  const accepted = lineageStep("t", 1, "accept", { status: "accepted" });
  const repeated = Array.from({ length: 5_000 }, (__, index) => lineageStep("t", 1, stage, { eventId: `again-${index}`, outcome }));
  const folded = fold(undefined, positioned([accepted, ...repeated]));
  expect(folded?.document.lineage.length).toBe(101);
  const more = fold(folded?.document, positioned([lineageStep("t", 1, stage, { eventId: "one-more", outcome })]));
  expect(more).toBeUndefined();
});
