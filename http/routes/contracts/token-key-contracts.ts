import { z } from "zod";
import { tokenKeyInput } from "../../../access/token-key-input.js";
import { json, nothing, problem } from "../../contract/answers.js";
import { listSchema } from "../../contract/list.js";
import { defineRoute } from "../../contract/route-contract.js";
import { tokenKeySchema } from "../../contract/schemas/tenant-schemas.js";
import { noTenant } from "./directory-queries.js";

const tokenKeys = { access: "tenant", tenantParam: "id", tag: "tenants", scope: "manage" } as const;

const tenantParams = z.strictObject({ id: z.string() });

export const createTokenKey = defineRoute({
  ...tokenKeys,
  method: "POST",
  url: "/v1/tenants/:id/token-keys",
  id: "createTokenKey",
  summary: "Register a key that signs tokens of the tenant's users",
  description:
    "Give a public key, or the URL of a JSON Web Key Set. A token names the key by kid. Its alg is the key's, whatever the token says.",
  params: tenantParams,
  body: tokenKeyInput,
  answers: {
    201: json(tokenKeySchema, "The token key"),
    404: noTenant,
    409: problem("A tenant has a token key with this kid, or the tenant has 20 token keys"),
  },
});

export const listTokenKeys = defineRoute({
  ...tokenKeys,
  method: "GET",
  url: "/v1/tenants/:id/token-keys",
  id: "listTokenKeys",
  summary: "List the token keys of a tenant",
  description: "Newest first.",
  params: tenantParams,
  answers: { 200: json(listSchema(tokenKeySchema), "All token keys, on one page"), 404: noTenant },
});

export const removeTokenKey = defineRoute({
  ...tokenKeys,
  method: "DELETE",
  url: "/v1/tenants/:id/token-keys/:kid",
  id: "removeTokenKey",
  summary: "Remove a token key",
  description: "All processes refuse its tokens within 5 seconds.",
  params: z.strictObject({ id: z.string(), kid: z.string() }),
  answers: { 204: nothing("The token key is removed"), 404: problem("There is no such tenant, or it has no such token key") },
});
