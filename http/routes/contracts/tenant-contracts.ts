import { z } from "zod";
import { settingsChange } from "../../../access/settings-input.js";
import { keyInput, rotationInput, tenantChange, tenantInput } from "../../../access/tenant-input.js";
import { wholeNumber } from "../../../reports/parameters.js";
import { json, nothing, problem } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { defineRoute } from "../../contract/route-contract.js";
import { auditEntrySchema, issuedKeySchema, keySchema, settingsSchema, tenantSchema } from "../../contract/schemas/tenant-schemas.js";
import { noTenant } from "./directory-queries.js";

const forOperators = { access: "operator", tag: "tenants" } as const;
/** On the tenant that the path names. */
const ofTenant = { access: "tenant", tenantParam: "id", tag: "tenants" } as const;
const keys = { ...ofTenant, scope: "manage" } as const;

const tenantParams = z.strictObject({ id: z.string() });
const keyParams = z.strictObject({ id: z.string(), key: z.string() });

const page = {
  limit: wholeNumber(1, 1_000).default(100).describe("give a whole number from 1 to 1000"),
  cursor: z.string().max(1_000).optional().describe("give the cursor of the previous page"),
};

const noKey = problem("There is no such tenant, or it has no such key");
const beyond = problem("The key lacks a scope, which the answer names. A key cannot grant scopes that it lacks");
const ofConfiguration = problem("The configuration names the tenant");

export const createTenant = defineRoute({
  ...forOperators,
  method: "POST",
  url: "/v1/tenants",
  id: "createTenant",
  summary: "Create a tenant",
  body: tenantInput,
  answers: { 201: json(tenantSchema, "The tenant"), 409: problem("A tenant has the id, or had it before it was deleted") },
});

export const listTenants = defineRoute({
  ...forOperators,
  method: "GET",
  url: "/v1/tenants",
  id: "listTenants",
  summary: "List the tenants",
  description: "In the order of their ids. A page may have fewer items than its limit.",
  query: z.strictObject(page),
  answers: { 200: json(listSchema(tenantSchema), "The tenants") },
});

export const getTenant = defineRoute({
  ...ofTenant,
  method: "GET",
  url: "/v1/tenants/:id",
  scope: "read",
  id: "getTenant",
  summary: "Get a tenant",
  params: tenantParams,
  answers: { 200: json(tenantSchema, "The tenant"), 404: noTenant },
});

export const changeTenant = defineRoute({
  ...forOperators,
  method: "PATCH",
  url: "/v1/tenants/:id",
  id: "changeTenant",
  summary: "Rename, suspend or reactivate a tenant",
  description: "Fields that are left out stay as they are. Keys of a suspended tenant are refused.",
  params: tenantParams,
  body: tenantChange,
  answers: { 200: json(tenantSchema, "The tenant after the change"), 404: noTenant, 409: ofConfiguration },
});

export const deleteTenant = defineRoute({
  ...forOperators,
  method: "DELETE",
  url: "/v1/tenants/:id",
  id: "deleteTenant",
  summary: "Delete a tenant",
  description: "Revokes its keys. Its id stays taken, and its messages and counts stay until their retention ends.",
  params: tenantParams,
  answers: { 204: nothing("The tenant is deleted"), 404: noTenant, 409: ofConfiguration },
});

export const getSettings = defineRoute({
  ...ofTenant,
  method: "GET",
  url: "/v1/tenants/:id/settings",
  scope: "read",
  id: "getSettings",
  summary: "Get the settings of a tenant",
  params: tenantParams,
  answers: { 200: json(settingsSchema, "The settings"), 404: noTenant },
});

export const changeSettings = defineRoute({
  ...ofTenant,
  method: "PATCH",
  url: "/v1/tenants/:id/settings",
  scope: "manage",
  id: "changeSettings",
  summary: "Change the settings of a tenant",
  description: "A merge patch (RFC 7396): fields that are left out stay as they are, and null resets. A list is replaced as a whole.",
  params: tenantParams,
  body: settingsChange,
  answers: {
    200: json(settingsSchema, "The settings after the change"),
    403: problem("The key lacks the scope manage or, to raise a limit or add a sender, operate"),
    404: noTenant,
  },
});

export const createKey = defineRoute({
  ...keys,
  method: "POST",
  url: "/v1/tenants/:id/keys",
  id: "createKey",
  summary: "Create a key of a tenant",
  description: "The tenant's other keys stay valid.",
  params: tenantParams,
  body: keyInput,
  answers: { 201: json(issuedKeySchema, "The key"), 403: beyond, 404: noTenant },
});

export const listKeys = defineRoute({
  ...keys,
  method: "GET",
  url: "/v1/tenants/:id/keys",
  id: "listKeys",
  summary: "List the keys of a tenant",
  description: "Newest first, including expired and revoked ones.",
  params: tenantParams,
  answers: { 200: json(listSchema(keySchema), "All keys, on one page"), 404: noTenant },
});

export const revokeKey = defineRoute({
  ...keys,
  method: "DELETE",
  url: "/v1/tenants/:id/keys/:key",
  id: "revokeKey",
  summary: "Revoke a key",
  description: "All processes refuse the key within 5 seconds.",
  params: keyParams,
  answers: { 204: nothing("The key is revoked"), 404: noKey },
});

export const rotateKey = defineRoute({
  ...keys,
  method: "POST",
  url: "/v1/tenants/:id/keys/:key/rotate",
  id: "rotateKey",
  summary: "Replace a key by a new one with the same scopes",
  description: "The former key stays valid for overlapMs. The new one expires when the former one would have expired.",
  params: keyParams,
  body: rotationInput,
  answers: { 201: json(issuedKeySchema, "The new key"), 403: beyond, 404: noKey },
});

export const listAudit = defineRoute({
  access: "tenant",
  scope: "manage",
  tag: "tenants",
  method: "GET",
  url: "/v1/audit",
  id: "listAudit",
  summary: "List administrative changes",
  description: "Latest first. A key with the scope operate lists the changes of all tenants and of the installation.",
  query: z.strictObject({ ...page, tenant: z.string().min(1).max(128).optional().describe("give the id of a tenant") }),
  answers: {
    200: json(listSchema(auditEntrySchema), "The changes"),
    403: problem("The key lacks the scope manage or, for another tenant, operate"),
  },
});
