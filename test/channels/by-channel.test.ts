import { expect, it } from "vitest";
import { byChannel } from "../../channels/by-channel.js";
import { channels } from "../../schemas/vocabulary.js";

it("makes a value for each channel, in their order", () => {
  expect(Object.entries(byChannel((channel) => channel.length))).toEqual(channels.map((channel) => [channel, channel.length]));
});
