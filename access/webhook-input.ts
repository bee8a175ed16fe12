import { z } from "zod";
import { webhookKinds } from "../config/webhooks.js";

const hasAccount = (url: string): boolean => URL.canParse(url) && new URL(url).username + new URL(url).password !== "";

/** The body of `PUT /v1/tenants/ID/webhook`. */
export const webhookInput = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "is not an http or https URL" })
    .max(2_048)
    .refine((url) => !hasAccount(url), "contains an account")
    .describe("give an https address without a user name and password, of at most 2,048 characters"),
  kinds: z
    .array(z.enum(webhookKinds))
    .min(1)
    .max(webhookKinds.length)
    .refine((kinds) => new Set(kinds).size === kinds.length, "names a kind twice")
    .meta({ uniqueItems: true })
    .default([...webhookKinds])
    .describe(`give a list of ${webhookKinds.join(" and ")}, or leave it out`),
});

export type WebhookInput = z.output<typeof webhookInput>;
