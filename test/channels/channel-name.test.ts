import { expect, it } from "vitest";
import { channelNameProblem } from "../../channels/channel-name.js";

it.each([
  ["voice", undefined],
  ["web_push2", undefined],
  ["Voice", "small letters"],
  ["2fa", "small letters"],
  ["other", "not other"],
  ["delete", "reserved word"],
  ["constructor", "every object"],
])("says of the name %s: %s", (name, problem) => {
  const said = channelNameProblem(name);
  if (problem === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(problem);
});
