import { expect, it } from "vitest";
import { defaultSettings } from "../../channels/default-settings.js";

it("has each channel's own limits as they are without a configuration", () => {
  expect(defaultSettings).toMatchObject({ smsSegments: 10, pushBytes: 4_096 });
  expect(defaultSettings.blockedNumberTypes).toContain("premium_rate");
});
