import { expect, it } from "vitest";
import { addChannel, closeChannels } from "../../channels/add-channel.js";
import { channelDefinitions } from "../../channels/generated.js";
import { channels } from "../../schemas/vocabulary.js";

// examples/08-add-a-channel adds one, in a process of its own: here it would stay for all other tests
it.each([
  ["Voice", "Voice cannot be the name of a channel"],
  ["class", "class cannot be the name of a channel"],
  ["sms", "there is a channel sms already"],
  ["voice", "the channel voice comes too late"],
])("refuses the channel %s once the list was read, and leaves it as it was", (name, problem) => {
  closeChannels();
  const before = [...channels];
  const refused = expect.objectContaining({ code: "TOPOLOGY_INVALID", message: problem });
  expect(() => addChannel(name, channelDefinitions.push)).toThrow(refused);
  expect(channels).toEqual(before);
  expect(Object.keys(channelDefinitions)).toEqual(before);
});
