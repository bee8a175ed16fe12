import { expect, it } from "vitest";
import { channelDefinitions } from "../../channels/generated.js";
import { channels } from "../../schemas/vocabulary.js";

it("holds the definition of each channel under its name", () => {
  expect(Object.keys(channelDefinitions).sort()).toEqual([...channels].sort());
  for (const { label, content } of Object.values(channelDefinitions)) {
    expect(label).not.toBe("");
    for (const part of content.requiresOneOf) expect(content.parts).toContain(part);
  }
});
