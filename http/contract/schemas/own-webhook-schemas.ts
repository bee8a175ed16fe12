import { z } from "zod";
import type { OwnWebhookView, SetWebhook } from "../../../operations/tenants/own-webhook-desk.js";
import { named } from "../named.js";
import { webhookStateSchema } from "./operation-schemas.js";

const view = {
  host: z.string().describe("Host of the address; the rest may be secret"),
  kinds: z.array(z.string()),
  secrets: z.number().int().min(0).describe("Number of secrets that sign each event"),
  configured: z.boolean().describe("Whether it is that of the configuration, which the tenant cannot change"),
  state: webhookStateSchema,
};

export const ownWebhookSchema = named("OwnWebhook", z.strictObject(view)) satisfies z.ZodType<OwnWebhookView>;

export const setWebhookSchema = named(
  "SetWebhook",
  z.strictObject({
    ...view,
    secret: z.string().nullable().describe("The new signing secret. No later answer has it. Null: the former secrets stay"),
  }),
) satisfies z.ZodType<SetWebhook>;
