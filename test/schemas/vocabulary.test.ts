import { expect, it } from "vitest";
import { channels, isChannel, isLane, lanes } from "../../schemas/vocabulary.js";

it("lanes are listed by urgency, and words are told from others", () => {
  expect(lanes).toEqual(["critical", "high", "normal", "bulk"]);
  expect([channels.every(isChannel), lanes.every(isLane)]).toEqual([true, true]);
  expect([isChannel("pigeon"), isLane("urgent"), isLane("constructor")]).toEqual([false, false, false]);
});
