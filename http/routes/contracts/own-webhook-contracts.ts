import { z } from "zod";
import { webhookInput } from "../../../access/webhook-input.js";
import { json, nothing, problem } from "../../contract/answers.js";
import { defineRoute } from "../../contract/route-contract.js";
import { ownWebhookSchema, setWebhookSchema } from "../../contract/schemas/own-webhook-schemas.js";
import { noTenant } from "./directory-queries.js";

const managed = { access: "tenant", scope: "manage", tenantParam: "id", tag: "tenants" } as const;

const params = z.strictObject({ id: z.string() });
const notStorable = problem("No key is configured that encrypts secrets, or the configuration has a webhook of the tenant");
const noWebhook = problem("There is no such tenant, or it has no webhook");

export const getOwnWebhook = defineRoute({
  ...managed,
  method: "GET",
  url: "/v1/tenants/:id/webhook",
  id: "getOwnWebhook",
  summary: "Get the webhook of a tenant",
  description: "Without its secrets. A webhook of the configuration comes before the tenant's own.",
  params,
  answers: { 200: json(ownWebhookSchema, "The webhook"), 404: noWebhook },
});

export const setOwnWebhook = defineRoute({
  ...managed,
  method: "PUT",
  url: "/v1/tenants/:id/webhook",
  id: "setOwnWebhook",
  summary: "Create or change the webhook of a tenant's own",
  description:
    "A new address gets a new signing secret. At the same address the secrets stay, and the answer has none. All processes use the webhook within 5 seconds. It receives the events from its creation on.",
  params,
  body: webhookInput,
  answers: {
    200: json(setWebhookSchema, "The changed webhook"),
    201: json(setWebhookSchema, "The new webhook"),
    404: noTenant,
    409: notStorable,
  },
});

export const removeOwnWebhook = defineRoute({
  ...managed,
  method: "DELETE",
  url: "/v1/tenants/:id/webhook",
  id: "removeOwnWebhook",
  summary: "Remove the webhook of a tenant's own",
  description: "Events that wait for it are not sent.",
  params,
  answers: { 204: nothing("The webhook is removed"), 404: noWebhook },
});

export const rotateOwnWebhook = defineRoute({
  ...managed,
  method: "POST",
  url: "/v1/tenants/:id/webhook/rotate",
  id: "rotateOwnWebhook",
  summary: "Add a signing secret to the webhook of a tenant's own",
  description: "The former secret signs, too, until the next rotation. An older one leaves.",
  params,
  answers: { 201: json(setWebhookSchema, "The webhook with the new secret"), 404: noWebhook, 409: notStorable },
});

export const enableOwnWebhook = defineRoute({
  ...managed,
  method: "POST",
  url: "/v1/tenants/:id/webhook/enable",
  id: "enableOwnWebhook",
  summary: "Enable the webhook of a tenant again",
  description: "An operator can also send missed events again (POST /v1/webhooks/enable).",
  params,
  answers: { 200: json(ownWebhookSchema, "The webhook"), 404: noWebhook },
});
