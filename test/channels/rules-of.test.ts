import { expect, it } from "vitest";
import { rulesOf } from "../../channels/rules-of.js";
import { channels } from "../../schemas/vocabulary.js";

it("there are rules for each channel", () => {
  expect(channels.map((channel) => rulesOf(channel).label)).toEqual(expect.arrayContaining(["email", "SMS", "push"]));
});
