import { expect, it } from "vitest";
import { byChannel } from "../../channels/by-channel.js";
import { ownOptions } from "../../channels/own-options.js";

it("takes the channels' own keys out of what is configured, and no others", () => {
  const configured = byChannel((channel) => ({ from: "x", ...(channel === "sms" ? { smartEncoding: true } : {}) }));
  expect(ownOptions(configured)).toEqual({ smartEncoding: true });
});
