import { expect, it } from "vitest";
import { definitionProblems } from "../../channels/definition-problems.js";
import { channelDefinitions } from "../../channels/generated.js";
import { commonLimits } from "../../client/limits.js";
import { commonChannelKeys } from "../../config/channels.js";

const common = { limits: Object.keys(commonLimits), options: commonChannelKeys };
const fax = {
  label: "fax",
  content: { parts: ["title"], requiresOneOf: ["title"] },
  form: { fields: [{ part: "title" }] },
  limits: {},
  options: {},
};

it("finds no problem in the channels that come with Carillon", () => {
  expect(definitionProblems({ ...channelDefinitions, fax }, common)).toEqual([]);
});

it.each([
  ["a limit of another channel", { limits: { smsSegments: 1 } }, /^limits of the channel sms and limits of the channel fax .* smsSegments/],
  ["a limit that all share", { limits: { contentBytes: 1 } }, /^the limits of all channels and limits of the channel fax .* contentBytes/],
  ["an option that all have", { options: { retry: 1 } }, /^the options of all channels and options of the channel fax .* retry/],
  ["providers as an option", { options: { providers: 1 } }, /^the options of all channels .* providers: rename one of them$/],
  [
    "a need that is not carried",
    { content: { parts: ["title"], requiresOneOf: ["text"] } },
    /^content.requiresOneOf of the channel fax names text/,
  ],
  ["no need", { content: { parts: ["title"], requiresOneOf: [] } }, /^content.requiresOneOf of the channel fax is empty/],
  ["a field of the form that is not carried", { form: { fields: [{ part: "html" }] } }, /^form.fields of the channel fax names html/],
  ["a label twice", { label: "SMS" }, /^the channel sms and the channel fax have the same label, SMS/],
])("refuses %s, naming both", (_, more, problem) => {
  expect(definitionProblems({ ...channelDefinitions, fax: { ...fax, ...more } }, common)).toEqual([expect.stringMatching(problem)]);
});
