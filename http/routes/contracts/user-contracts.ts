import { z } from "zod";
import { addressGiven } from "../../../directory/address-input.js";
import { userGiven } from "../../../directory/user-input.js";
import { wholeNumber } from "../../../reports/parameters.js";
import { json, lines, nothing, orElse, problem, text } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { longWork } from "../../contract/long-work-answers.js";
import { defineRoute } from "../../contract/route-contract.js";
import { importReportSchema, membershipSchema, userSchema } from "../../contract/schemas/directory-schemas.js";
import { importQuery, noTenant, ofTenant, pageQuery, tenantQuery } from "./directory-queries.js";

const users = { access: "tenant", tag: "users" } as const;
const changes = { ...users, scope: "manage" } as const;
/** Also for the user itself, by a token. */
const own = { userParam: "id" } as const;

const userParams = z.strictObject({ id: z.string() });

const noUser = problem("There is no such user");
const anotherRevision = problem("The user has another revision");

export const putUser = defineRoute({
  ...changes,
  method: "PUT",
  url: "/v1/users/:id",
  id: "putUser",
  summary: "Create or replace a user",
  description: "Fields that are left out are removed. Registered addresses of a channel stay unless its list is given.",
  params: userParams,
  query: z.strictObject({
    ...ofTenant,
    revision: wholeNumber(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .describe("give the revision that the user must have, or 0 for none, so that no other change is overwritten"),
  }),
  body: userGiven,
  answers: { 200: json(userSchema, "The replaced user"), 201: json(userSchema, "The new user"), 409: anotherRevision },
});

export const getUser = defineRoute({
  ...users,
  ...own,
  method: "GET",
  url: "/v1/users/:id",
  id: "getUser",
  summary: "Get a user",
  params: userParams,
  query: tenantQuery,
  answers: { 200: json(userSchema, "The user"), 404: noUser },
});

export const deleteUser = defineRoute({
  ...changes,
  method: "DELETE",
  url: "/v1/users/:id",
  id: "deleteUser",
  summary: "Delete a user with its addresses and memberships",
  params: userParams,
  query: tenantQuery,
  answers: { 204: nothing("The user is deleted"), 404: noUser },
});

export const listUsers = defineRoute({
  ...users,
  method: "GET",
  url: "/v1/users",
  id: "listUsers",
  summary: "List the users",
  description: "In the order of the UTF-8 bytes of their ids.",
  query: pageQuery,
  answers: { 200: json(listSchema(userSchema), "The users"), 404: noTenant },
});

export const listGroupsOfUser = defineRoute({
  ...users,
  ...own,
  method: "GET",
  url: "/v1/users/:id/groups",
  id: "listGroupsOfUser",
  summary: "List the groups of a user",
  params: userParams,
  query: pageQuery,
  answers: { 200: json(listSchema(membershipSchema), "The memberships"), 404: noUser },
});

export const addAddress = defineRoute({
  ...changes,
  ...own,
  method: "POST",
  url: "/v1/users/:id/addresses",
  id: "addAddress",
  summary: "Add an address to a user",
  description:
    "Replaces the user's email address or phone number. Other channels have several addresses, each of which belongs to one user: the address is taken from any other user.",
  params: userParams,
  query: tenantQuery,
  body: addressGiven,
  answers: { 200: json(userSchema, "The user"), 404: noUser, 409: anotherRevision },
});

export const removeAddress = defineRoute({
  ...changes,
  ...own,
  method: "DELETE",
  url: "/v1/users/:id/addresses",
  id: "removeAddress",
  summary: "Remove an address of a user",
  params: userParams,
  query: tenantQuery,
  body: addressGiven,
  answers: { 200: json(userSchema, "The user"), 404: problem("There is no such user, or it has no such address"), 409: anotherRevision },
});

export const importUsers = defineRoute({
  ...changes,
  method: "POST",
  url: "/v1/users/import",
  id: "importUsers",
  summary: "Create or replace the users of a list",
  description:
    "A line has the user's id and the fields of PUT /v1/users/{id}. Of several lines for a user, the last one counts. An invalid line is reported with its number.",
  query: importQuery,
  list: "Users as NDJSON, one JSON object a line, or as CSV with a header of field names. The list may be of any length",
  answers: {
    200: longWork(importReportSchema, "What was stored"),
    404: noTenant,
    400: problem("The query or the list is invalid, or a line is and onError is refuse"),
  },
});

export const exportUsers = defineRoute({
  ...users,
  method: "GET",
  url: "/v1/exports/users",
  head: false, // it would read every user in vain
  id: "exportUsers",
  summary: "Export the users as the import reads them",
  query: z.strictObject({
    ...ofTenant,
    format: z.enum(["ndjson", "csv"]).default("ndjson").describe("give ndjson or csv"),
    after: z.string().min(1).max(256).optional().describe("give the id of the last user of an export that broke off"),
  }),
  answers: {
    200: orElse(
      lines(z.record(z.string(), z.unknown()), "The users, by the UTF-8 bytes of their ids"),
      text("text/csv", "The users as CSV"),
    ),
    404: noTenant,
  },
});
