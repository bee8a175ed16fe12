import { z } from "zod";
import { nameProblem } from "../channels/one-line.js";
import { readBy } from "../channels/read-by.js";
import { inputCheck } from "../client/check-input.js";
import { userId } from "../client/checked-ids.js";
import { addressChannels } from "../stores/directory/directory.js";
import { attributes } from "./attributes-input.js";

const mostNameCharacters = 200;
const nameWanted = `one line of at most ${mostNameCharacters} characters`;

const groupName = readBy((text) => {
  const problem = text.length > mostNameCharacters ? `has ${text.length} characters` : nameProblem(text);
  return problem === undefined ? text : { problem, fix: `give ${nameWanted}` };
})
  .nullable()
  .optional()
  .describe("the group's name in the console")
  .meta({ wanted: nameWanted });

/** The body of `PUT /v1/groups/ID`. */
export const groupGiven = z.strictObject({
  name: groupName,
  attributes: attributes.optional().describe("values of your own"),
});

/** A member: the body of `POST /v1/groups/ID/members`, and a line of a list of members. */
export const memberGiven = z.strictObject({
  user: userId.describe("the user's id"),
  channels: z
    .array(z.enum(addressChannels))
    .max(addressChannels.length)
    .optional()
    .describe("the channels that the user subscribes to; absent or empty: all")
    .meta({ wanted: `a list of ${addressChannels.join(", ")}` }),
});

export type GivenMember = z.output<typeof memberGiven>;

/** Checks the body of a group. */
export const checkGroup = inputCheck(groupGiven, {
  whole: "group",
  wanted: "give an object with name and attributes",
  unknownField: "leave it out; your own data belongs in attributes",
});

/** Checks a member. */
export const checkMember = inputCheck(memberGiven, {
  whole: "member",
  wanted: "give an object with user and channels",
  unknownField: "leave it out; a member has a user and channels",
});
