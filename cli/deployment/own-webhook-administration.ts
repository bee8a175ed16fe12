import type { OwnWebhookView, SetWebhook } from "../../operations/tenants/own-webhook-desk.js";

/** The webhook of a tenant's own. */
export interface OwnWebhookAdministration {
  webhook(tenant: string): Promise<OwnWebhookView>;
  /** Rejects INPUT_INVALID. */
  setWebhook(tenant: string, input: { readonly url: string; readonly kinds?: readonly string[] }): Promise<SetWebhook>;
  rotateWebhook(tenant: string): Promise<SetWebhook>;
  removeWebhook(tenant: string): Promise<void>;
}
