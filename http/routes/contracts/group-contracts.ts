import { z } from "zod";
import { groupGiven, memberGiven } from "../../../directory/group-input.js";
import { json, nothing, problem, retryAfter } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { longWork } from "../../contract/long-work-answers.js";
import { defineRoute } from "../../contract/route-contract.js";
import { groupSchema, importReportSchema, memberSchema, membershipChangeSchema } from "../../contract/schemas/directory-schemas.js";
import { importQuery, noTenant, pageQuery, tenantQuery } from "./directory-queries.js";

const groups = { access: "tenant", tag: "groups" } as const;
const changes = { ...groups, scope: "manage" } as const;

const groupParams = z.strictObject({ id: z.string() });
const noGroup = problem("There is no such group");
/** Callers that change one group take turns. */
const busy = problem("Other callers are changing the group, or a server that Carillon needs is unavailable", retryAfter);

export const putGroup = defineRoute({
  ...changes,
  method: "PUT",
  url: "/v1/groups/:id",
  id: "putGroup",
  summary: "Create a group, or replace its name and attributes",
  description: "Its members stay.",
  params: groupParams,
  query: tenantQuery,
  body: groupGiven,
  answers: { 200: json(groupSchema, "The group") },
});

export const getGroup = defineRoute({
  ...groups,
  method: "GET",
  url: "/v1/groups/:id",
  id: "getGroup",
  summary: "Get a group with its number of members",
  params: groupParams,
  query: tenantQuery,
  answers: { 200: json(groupSchema, "The group"), 404: noGroup },
});

export const deleteGroup = defineRoute({
  ...changes,
  method: "DELETE",
  url: "/v1/groups/:id",
  id: "deleteGroup",
  summary: "Delete a group with its memberships",
  description: "Its users stay.",
  params: groupParams,
  query: tenantQuery,
  answers: { 204: nothing("The group is deleted"), 404: noGroup, 503: busy },
});

export const listGroups = defineRoute({
  ...groups,
  method: "GET",
  url: "/v1/groups",
  id: "listGroups",
  summary: "List the groups",
  description: "In the order of the UTF-8 bytes of their ids.",
  query: pageQuery,
  answers: { 200: json(listSchema(groupSchema), "The groups"), 404: noTenant },
});

export const addMembers = defineRoute({
  ...changes,
  method: "POST",
  url: "/v1/groups/:id/members",
  id: "addMembers",
  summary: "Add a user, or the users of a list, to a group",
  description: "Members that are added again keep their place, with the given channels. An invalid line is reported with its number.",
  params: groupParams,
  query: importQuery,
  body: memberGiven,
  list: "Members as NDJSON, one JSON object a line, or as CSV with the columns user and channels. The list may be of any length",
  answers: {
    200: longWork(z.union([membershipChangeSchema, importReportSchema]), "The change for one user, or what was stored of a list"),
    400: problem("The path, query, body or list is invalid, or a line is and onError is refuse"),
    404: problem("There is no such group or, for one user, no such user"),
    503: busy,
  },
});

export const removeMember = defineRoute({
  ...changes,
  method: "DELETE",
  url: "/v1/groups/:id/members/:user",
  id: "removeMember",
  summary: "Remove a user from a group",
  params: z.strictObject({ id: z.string(), user: z.string() }),
  query: tenantQuery,
  answers: { 200: json(membershipChangeSchema, "The change; a user that is not a member changes nothing"), 404: noGroup, 503: busy },
});

export const listMembers = defineRoute({
  ...groups,
  method: "GET",
  url: "/v1/groups/:id/members",
  id: "listMembers",
  summary: "List the members of a group",
  description: "All pages show the version of the group at which the list began. A page may have fewer items than its limit.",
  params: groupParams,
  query: pageQuery,
  answers: {
    200: json(listSchema(memberSchema, { version: z.number().int().describe("The version of the group") }), "The members"),
    404: noGroup,
  },
});
